import JSONCodec
import LinuxSystem
import Model
import Wire

/// The processes that start again with the agent: `processes/<process_id>.json` in the state directory, each
/// `{"config":{…},"origin":…,"want":"up"|"down"}`.
///
/// A file is on the disk before it takes the place of the one before it, in a thread: a slow disk holds up nobody.
final class PersistentSpecs {
    struct Stored: Equatable {
        let spec: ProcessSpec
        let origin: ProcessOrigin
        let want: Want
    }

    private let directory: String
    private let loop: EventLoop
    /// What is still to be written, or removed (nil); only the latest of each counts.
    private var pending: [Name: [UInt8]?] = [:]
    private var isWriting = false
    private var whenWritten: [() -> Void] = []

    /// Why something is not as it should be, by file.
    private(set) var failures: [String: String] = [:]

    init(stateDirectory: String, loop: EventLoop) {
        directory = "\(stateDirectory)/processes"
        self.loop = loop
    }

    /// All that are stored. A file that can't be read stays where it is, and is named in ``failures``.
    func read() -> [Name: Stored] {
        var stored: [Name: Stored] = [:]
        guard let names = try? FileSystem.list(directory) else { return [:] }
        for file in names where file.hasSuffix(".json") {
            do {
                guard let id = Name(String(file.dropLast(5))) else { throw Failure(.invalidArgument, "no process id") }
                stored[id] = try read(file)
            } catch {
                failures[file] = "\((error as? Failure)?.detail ?? "\(error)")"
            }
        }
        return stored
    }

    private func read(_ file: String) throws -> Stored {
        let bytes = try FileSystem.read("\(directory)/\(file)", limit: Limits.journalLine)
        let json = try JSON.parse(bytes.span, sizeLimit: Limits.journalLine, nestingLimit: Limits.nesting)
        let record = try ProcessRecord(json)
        return Stored(spec: record.spec, origin: record.origin, want: record.want)
    }

    /// Has a process stored, or no longer.
    func store(_ id: Name, _ stored: Stored?) {
        pending[id] = .some(
            stored.map { stored in
                JSON.object([
                    .init("config", stored.spec.config), .init("origin", .string(stored.origin.rawValue)),
                    .init("want", .string(stored.want.rawValue)),
                ]).printed() + [UInt8(ascii: "\n")]
            })
        writeNext()
    }

    /// Calls `then` once all is on the disk, or has failed.
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
        let job = Job(path: "\(directory)/\(id).json", directory: directory, bytes: bytes)
        do throws(SystemError) {
            try BackgroundWork.start(on: loop, job.run) { [self] in
                isWriting = false
                failures["\(id).json"] = job.failure.map { "\($0)" }
                writeNext()
            }
            isWriting = true
        } catch {
            failures["\(id).json"] = "\(error)"
        }
    }
}

/// One file to write or remove, in a thread.
private final class Job {
    let path: String
    let directory: String
    let bytes: [UInt8]?
    var failure: SystemError?

    init(path: String, directory: String, bytes: [UInt8]?) {
        self.path = path
        self.directory = directory
        self.bytes = bytes
    }

    func run() {
        guard let bytes else { return FileSystem.remove(path) }
        do throws(SystemError) {
            try FileSystem.makeDirectories(directory)
            try FileSystem.replace(path, with: bytes, isDurable: true)
        } catch {
            failure = error
        }
    }
}
