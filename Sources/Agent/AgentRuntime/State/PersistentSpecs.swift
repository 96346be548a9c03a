import ServiceSupport
import var Glibc.ENOENT
import JSONCodec
import LinuxSystem
import Model
import Supervision
import Wire

/// The specs of processes that start again with the agent (`persist`): `processes/<process_id>.json` in the state
/// directory, each `{"config":{…},"origin":…,"owner":…,"want":"up"|"down"}`.
///
/// A file is written and synced before it replaces the previous one. A thread does that, one file at a time, so that a
/// slow disk does not block the loop.
final class PersistentSpecs {
    struct Stored: Equatable {
        let spec: ProcessSpec
        let origin: ProcessOrigin
        let want: Want
    }

    private let directory: String
    private let loop: EventLoop
    /// The files still to be written, or removed (nil); a later request replaces an earlier one.
    private var pending: [Name: [UInt8]?] = [:]
    /// The files that could not be written or removed (nil).
    private var failed: [Name: (bytes: [UInt8]?, reason: String)] = [:]
    /// The files that could not be read, and why.
    private var unreadable: [String: String] = [:]
    private(set) var isWriting = false
    private var whenWritten: [() -> Void] = []

    init(stateDirectory: String, loop: EventLoop) {
        directory = "\(stateDirectory)/processes"
        self.loop = loop
    }

    var hasFailed: Bool { !failed.isEmpty }

    var reasons: [String] {
        unreadable.map { "\(directory)/\($0.key) is not used: \($0.value)" }.sorted()
            + failed.map { "process \($0.key) is not saved: \($0.value.reason)" }.sorted()
    }

    /// Reads all files. One that can't be read is left alone and named in ``reasons``.
    func read() -> [Name: Stored] {
        var stored: [Name: Stored] = [:]
        let names: [String]
        do throws(SystemError) { names = try FileSystem.list(directory) } catch {
            if error.number != ENOENT { unreadable[""] = error.reason }
            return [:]
        }
        for file in names where file.hasSuffix(".json") {
            do throws(Failure) {
                guard let id = Name(String(file.dropLast(".json".count))) else {
                    throw Failure(.invalidArgument, "its name is not a process id")
                }
                stored[id] = try read(file)
            } catch {
                unreadable[file] = error.detail
            }
        }
        return stored
    }

    private func read(_ file: String) throws(Failure) -> Stored {
        let json = try StateFile.read("\(directory)/\(file)", limit: Limits.journalLine)
        let record = try ProcessRecord(json)
        return Stored(spec: record.spec, origin: record.origin, want: record.lifecycle.want)
    }

    /// Stores a process, or removes it (nil).
    func store(_ id: Name, _ stored: Stored?) {
        unreadable["\(id).json"] = nil
        failed[id] = nil
        pending[id] = .some(
            stored.map { stored in
                let want = JSON.Member("want", .string(stored.want.rawValue))
                let members = [.init("config", stored.spec.config)] + stored.origin.members + [want]
                return JSON.object(members).printed() + [UInt8(ascii: "\n")]
            })
        writeNext()
    }

    /// Tries the failed files again.
    func retry() {
        for (id, what) in failed where pending[id] == nil { pending[id] = .some(what.bytes) }
        failed = [:]
        writeNext()
    }

    /// Calls `then` when all files are on the disk, or have failed.
    func whenWritten(_ then: @escaping () -> Void) {
        if isWriting { whenWritten.append(then) } else { then() }
    }

    private func writeNext() {
        guard !isWriting else { return }
        guard let (id, bytes) = pending.popFirst() else {
            let waiting = whenWritten
            whenWritten = []
            for then in waiting { then() }
            return
        }
        let job = FileJob(directory: directory, name: "\(id).json", bytes: bytes)
        do throws(SystemError) {
            try BackgroundWork.start(on: loop, job.run) { [self] in
                isWriting = false
                if let failure = job.failure { failed[id] = (bytes, "\(failure)") }
                writeNext()
            }
            isWriting = true
        } catch {
            failed[id] = (bytes, "\(error)")
        }
    }
}
