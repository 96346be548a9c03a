import Cluster
import ServiceSupport
import Glibc
import JSONCodec
import LinuxSystem
import Model

/// What pm-cluster must remember: `instances/<id>.json`, a file for each node and VM, `cluster.json` with its own id and
/// the number of the last change, `ended.json` and `left.json` with generations that are removed, and left alone, wherever
/// they are met, and `offlineSince.json` with the hosts that are away.
///
/// A file is whole, and in its place before anything is done that it tells of, so that nothing is forgotten when pm-cluster
/// is killed. That it is on the disk as well is a matter of a moment, in a thread: after a power cut, a host may run what no
/// file tells of, which is left alone until somebody says what is to become of it.
final class StateDirectory {
    private let directory: String
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

    /// What `cluster.json` says.
    private(set) var cluster: ClusterFile
    /// As it was written last: where it is otherwise, another program has put files there.
    private var written: [UInt8] = []
    /// What this pm-cluster has ended or given up.
    private(set) var ended: GenerationList
    /// What it has not started and leaves alone, as somebody has confirmed.
    private(set) var left: GenerationList
    /// Called when the number of the last change is another.
    var advanced: () -> Void = {}

    /// Part of all generations of this state directory.
    var clusterID: String { cluster.mark.id }

    init(_ directory: String, loop: EventLoop) throws(SystemError) {
        self.loop = loop
        self.directory = directory
        path = "\(directory)/instances"
        absencesFile = "\(directory)/absences.json"
        try FileSystem.makeDirectories(path)
        lock = try Descriptor.lock(
            "\(directory)/lock", patience: Limits.lockPatience, refusal: "another pm-cluster uses \(directory)")
        cluster = try Self.clusterFile(in: directory)
        ended = Self.generations(in: "\(directory)/ended.json")
        left = Self.generations(in: "\(directory)/left.json")
        written = (try? FileSystem.read("\(directory)/cluster.json", limit: Limits.payload)) ?? []
        try read()
    }

    /// One that can't be read is not replaced: all that runs would be somebody else's from then on.
    private static func clusterFile(in directory: String) throws(SystemError) -> ClusterFile {
        let file = "\(directory)/cluster.json"
        if FileSystem.kind(of: file) != nil {
            guard let json = try? StateFile.read(file, limit: Limits.payload), let cluster = ClusterFile(json) else {
                throw SystemError("read this state directory's id in \(file)", errno: EBADMSG)
            }
            return cluster
        }
        let cluster = ClusterFile(id: String(UInt64.random(in: .min ... .max), radix: 36))
        try FileSystem.replace(file, with: cluster.json.printed(), isDurable: true)
        return cluster
    }

    /// Of one that can't be read, none: what it would have had removed is left alone.
    private static func generations(in file: String) -> GenerationList {
        let json = try? StateFile.read(file, limit: Limits.journalLine)
        return GenerationList((json?.array ?? []).compactMap(\.string))
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
        unsynced.insert("\(path)/\(name)")
        syncLater()
        return true
    }

    func remove(_ record: InstanceRecord) {
        troubles[Self.name(of: record)] = nil
        FileSystem.remove("\(path)/\(Self.name(of: record))")
    }

    // MARK: The number of the last change

    /// Counts a change, before it is written down.
    func advance() { changeCluster { _ in } }

    /// - Parameter serial: of another copy of this directory, which has come further.
    func advance(beyond serial: Int) { changeCluster { $0.mark.serial = max($0.mark.serial, serial) } }

    func doubt(_ kind: InstanceKind, _ doubt: ClusterFile.StateMismatch?) { changeCluster { $0.doubts[kind] = doubt } }

    private func changeCluster(_ change: (inout ClusterFile) -> Void) {
        change(&cluster)
        cluster.mark.serial += 1
        let text = cluster.json.printed()
        // What could not be written is not what another program has put there.
        if write(text, to: "cluster.json", "the number of the last change") { written = text }
        advanced()
    }

    func noteEnd(of generations: [String]) {
        for generation in generations { ended.add(generation) }
        write(Self.text(ended), to: "ended.json", "what has ended")
    }

    func leave(_ generations: [String]) {
        for generation in generations { left.add(generation) }
        write(Self.text(left), to: "left.json", "what is left alone")
    }

    private static func text(_ list: GenerationList) -> [UInt8] {
        JSON.array(list.all.map { .string($0) }).printed()
    }

    @discardableResult
    private func write(_ text: [UInt8], to name: String, _ what: String) -> Bool {
        let file = "\(directory)/\(name)"
        do throws(SystemError) {
            try FileSystem.replace(file, with: text, isDurable: false)
            troubles[file] = nil
            unsynced.insert(file)
            syncLater()
        } catch {
            troubles[file] = "\(what) is not saved: \(error)"
            return false
        }
        return true
    }

    /// Whether another program has put files there, as when a backup is restored while pm-cluster runs.
    var isDisturbed: Bool {
        (try? FileSystem.read("\(directory)/cluster.json", limit: Limits.payload)) != written
    }

    /// Writes all of it anew.
    func rewrite(_ records: [InstanceRecord], _ offlineSince: OfflineSince) {
        try? FileSystem.makeDirectories(path)
        let names = Set(records.map(Self.name) + unreadable.map { "\($0).json" })
        for name in (try? FileSystem.list(path)) ?? [] where !names.contains(name) {
            FileSystem.remove("\(path)/\(name)")
        }
        noteEnd(of: [])
        leave([])
        save(offlineSince)
        for record in records { _ = save(record) }
        // Last: until then, it counts as disturbed.
        advance()
    }

    /// Without it, or with one that can't be read, the time that hosts have begins anew.
    func readAbsences() -> OfflineSince {
        (try? StateFile.read(absencesFile, limit: Limits.journalLine)).map { OfflineSince($0) } ?? OfflineSince()
    }

    func save(_ offlineSince: OfflineSince) {
        do throws(SystemError) {
            try FileSystem.replace(
                absencesFile, with: offlineSince.json.printed() + [UInt8(ascii: "\n")], isDurable: false)
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
        guard !isSyncing, let file = unsynced.popFirst() else { return }
        isSyncing =
            (try? BackgroundWork.start(on: loop, { _ = try? FileSystem.sync(file) }) { [self] in
                isSyncing = false
                syncNext()
            }) != nil
    }
}
