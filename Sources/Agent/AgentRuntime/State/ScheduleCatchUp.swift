import ServiceSupport
import JSONCodec
import LinuxSystem
import Model

/// The next starts of processes with `schedule_catch_up`, from which the next agent sees what it has missed:
/// `schedules.json` in the state directory, `{"<process_id>":{"schedule":"0 3 * * *","next_start":1.7e9},…}`.
///
/// The file is written and synced before it replaces the previous one. A thread does that, so that a slow disk does not
/// block the loop.
final class ScheduleCatchUp {
    struct Promise: Equatable {
        /// The start counts only for a process that still has this schedule.
        let schedule: String
        /// Seconds since the epoch.
        let start: Double
    }

    private static let file = "schedules.json"
    private let directory: String
    private let loop: EventLoop
    private var promises: [Name: Promise]
    /// The starts that the previous agent stored and that were not taken yet.
    private var inherited: [Name: Promise]
    private(set) var isWriting = false
    private var isOutdated = false
    private var whenWritten: [() -> Void] = []
    private var failure: SystemError?

    init(stateDirectory: String, loop: EventLoop) {
        directory = stateDirectory
        self.loop = loop
        inherited = Self.read("\(stateDirectory)/\(Self.file)")
        promises = inherited
    }

    /// A file that can't be read counts as empty: only catch-ups are lost with it.
    private static func read(_ path: String) -> [Name: Promise] {
        let members = (try? StateFile.read(path, limit: Limits.journalSize))?.members ?? []
        var promises: [Name: Promise] = [:]
        for member in members {
            guard let id = Name(member.key), let schedule = member.value["schedule"]?.string,
                let start = member.value["next_start"]?.number, Limits.times.contains(start)
            else { continue }
            promises[id] = Promise(schedule: schedule, start: start)
        }
        return promises
    }

    var reasons: [String] { failure.map { ["schedules are not saved: \($0)"] } ?? [] }
    var hasFailed: Bool { failure != nil }

    /// The next start that the previous agent stored; returned once.
    func takeInherited(_ id: Name, _ schedule: String) -> Double? {
        guard let promise = inherited.removeValue(forKey: id), promise.schedule == schedule else { return nil }
        return promise.start
    }

    func promise(_ id: Name, _ promise: Promise?) {
        guard promises[id] != promise else { return }
        promises[id] = promise
        write()
    }

    func retry() { if failure != nil { write() } }

    /// Calls `then` when the file is on the disk, or has failed.
    func whenWritten(_ then: @escaping () -> Void) {
        if isWriting { whenWritten.append(then) } else { then() }
    }

    private func write() {
        isOutdated = true
        writeNext()
    }

    private func writeNext() {
        guard !isWriting else { return }
        guard isOutdated else {
            let waiting = whenWritten
            whenWritten = []
            for then in waiting { then() }
            return
        }
        isOutdated = false
        let job = FileJob(directory: directory, name: Self.file, bytes: promises.isEmpty ? nil : bytes)
        do throws(SystemError) {
            try BackgroundWork.start(on: loop, job.run) { [self] in
                isWriting = false
                failure = job.failure
                writeNext()
            }
            isWriting = true
        } catch {
            failure = error
        }
    }

    private var bytes: [UInt8] {
        JSON.object(
            promises.sorted { $0.key < $1.key }.map { id, promise in
                .init(
                    id.description,
                    ["schedule": .string(promise.schedule), "next_start": .number(promise.start)])
            }
        ).printed() + [UInt8(ascii: "\n")]
    }
}
