import Daemon
import Glibc
import JSONCodec
import LinuxSystem
import Model

/// What pm-cluster must remember: `instances/<id>.json`, a file for each node and VM, `cluster.json` with its own id, and
/// `absences.json` with the hosts that are away.
///
/// A file is whole, and in its place before anything is done that it tells of, so that nothing is forgotten when pm-cluster
/// is killed. That it is on the disk as well is a matter of a moment, in a thread: after a power cut, a host may run what no
/// file tells of, which is found by its generation and removed.
final class StateDirectory {
    private let path: String
    private let absencesFile: String
    private let loop: EventLoop
    private var unsynced: Set<String> = []
    private var syncTimer: TimerID?
    private var isSyncing = false
    /// Why files could not be read or written, by file.
    private(set) var troubles: [String: String] = [:]
    /// Whose files can't be read. What runs under these names is no leftover, whatever it is: nothing is done to it.
    private(set) var unreadable: Set<HostName> = []
    /// What there was at the start, until somebody takes it.
    private var records: [InstanceRecord] = []
    /// Held for as long as pm-cluster runs.
    private let lock: Descriptor

    /// Part of all generations of this state directory.
    let clusterID: String

    init(_ directory: String, loop: EventLoop) throws(SystemError) {
        self.loop = loop
        path = "\(directory)/instances"
        absencesFile = "\(directory)/absences.json"
        try FileSystem.makeDirectories(path)
        lock = try Descriptor.lock(
            "\(directory)/lock", patience: Limits.lockPatience, refusal: "another pm-cluster uses \(directory)")
        clusterID = try Self.identity("\(directory)/cluster.json")
        try read()
    }

    /// One that can't be read is not replaced: all that runs would be somebody else's from then on.
    private static func identity(_ file: String) throws(SystemError) -> String {
        if FileSystem.kind(of: file) != nil {
            guard let id = try? StateFile.read(file, limit: Limits.payload)["id"]?.string, Name(id) != nil else {
                throw SystemError("read this state directory's id in \(file)", errno: EBADMSG)
            }
            return id
        }
        let id = String(UInt64.random(in: .min ... .max), radix: 36)
        try FileSystem.replace(file, with: JSON.object([.init("id", .string(id))]).printed(), isDurable: true)
        return id
    }

    /// Nobody reads it before, and what nobody reads at all the optimizer lets go of at once.
    func close() { flock(lock.number, LOCK_UN) }

    /// All that are stored. A file that can't be read stays where it is, and is told of.
    private func read() throws(SystemError) {
        for name in try FileSystem.list(path) {
            // One that was killed while it wrote has left its half.
            if name.hasSuffix(".new") { FileSystem.remove("\(path)/\(name)") }
            guard name.hasSuffix(".json"), let id = HostName(String(name.dropLast(5))) else { continue }
            do throws(Failure) {
                let record = try InstanceRecord(try StateFile.read("\(path)/\(name)", limit: Limits.journalLine))
                guard record.id == id else { throw Failure(.invalidArgument, "it is that of \(record.id)") }
                records.append(record)
            } catch {
                let trouble = "\(path)/\(name) is not used, and what runs as \(id) is left alone: \(error.detail)"
                unreadable.insert(id)
                troubles[name] = trouble
                Log.note(trouble)
            }
        }
    }

    /// What an earlier pm-cluster has left; only the first who asks gets it.
    func takeRecords() -> [InstanceRecord] {
        defer { records = [] }
        return records
    }

    /// - Returns: whether it is written.
    func save(_ record: InstanceRecord) -> Bool {
        let name = Self.name(of: record)
        do throws(SystemError) {
            try FileSystem.replace(
                "\(path)/\(name)", with: record.json.printed() + [UInt8(ascii: "\n")], isDurable: false)
        } catch {
            troubles[name] = "\(record.kind.rawValue) \(record.id) is not saved: \(error)"
            return false
        }
        troubles[name] = nil
        unsynced.insert(name)
        syncLater()
        return true
    }

    func remove(_ record: InstanceRecord) {
        troubles[Self.name(of: record)] = nil
        FileSystem.remove("\(path)/\(Self.name(of: record))")
    }

    /// Without it, or with one that can't be read, the time that hosts have begins anew.
    func readAbsences() -> Absences {
        (try? StateFile.read(absencesFile, limit: Limits.journalLine)).map { Absences($0) } ?? Absences()
    }

    func save(_ absences: Absences) {
        do throws(SystemError) {
            try FileSystem.replace(
                absencesFile, with: absences.json.printed() + [UInt8(ascii: "\n")], isDurable: false)
            troubles[absencesFile] = nil
        } catch {
            troubles[absencesFile] = "which hosts are away is not saved: \(error)"
        }
    }

    private static func name(of record: InstanceRecord) -> String { "\(record.id).json" }

    /// A file that is being forced to the disk can't be written meanwhile, and it is mostly written again at once.
    private func syncLater() {
        guard syncTimer == nil else { return }
        syncTimer = loop.after(.seconds(Limits.syncDelay)) { [self] in
            syncTimer = nil
            syncNext()
        }
    }

    /// One after the other, in a thread; a file that is gone again needs no more.
    private func syncNext() {
        guard !isSyncing, let name = unsynced.popFirst() else { return }
        let file = "\(path)/\(name)"
        isSyncing =
            (try? BackgroundWork.start(on: loop, { _ = try? FileSystem.sync(file) }) { [self] in
                isSyncing = false
                syncNext()
            }) != nil
    }
}
