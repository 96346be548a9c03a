import Cluster
import ServiceSupport
import var Glibc.EBADMSG
import JSONCodec
import LinuxSystem
import Model

/// The persistent state of pm-cluster:
///
/// - `instances/<id>.json`: one file per node and VM
/// - `cluster.json`: the id of this directory and the number of its last change
/// - `ended.json`: generations that are removed from any host that runs them
/// - `left.json`: generations that are left alone
/// - `absences.json`: the hosts that are offline
///
/// A file is renamed into place before the action that it describes, so a kill of pm-cluster loses nothing. A thread
/// forces it to the disk a moment later: after a power cut, a host may run an instance that has no file. That is an
/// orphan, and an operator decides what happens to it.
final class StateDirectory {
    private let directory: String
    private let path: String
    private let absencesFile: String
    private let loop: EventLoop
    private var unsynced: Set<String> = []
    private var syncTimer: TimerID?
    private var isSyncing = false
    /// Health reasons, by file that could not be read or written.
    private(set) var reasons: [String: String] = [:]
    /// Names with unreadable files. What hosts run under these names is not touched, as it may still be wanted.
    private(set) var unreadable: Set<HostName> = []
    /// The records that were read at the start, until ``takeRecords()``.
    private var records: [InstanceRecord] = []
    /// Held while pm-cluster runs.
    private let lock: Descriptor

    /// The content of `cluster.json`.
    private(set) var cluster: ClusterFile
    /// `cluster.json` as it was written last. Different content means that another program has changed the directory.
    private var written: [UInt8] = []
    /// Generations that this pm-cluster has removed, replaced or given up.
    private(set) var ended: GenerationList
    /// Generations of orphans that a `confirm_state` request has declared right as they are.
    private(set) var left: GenerationList
    /// When hosts went offline; empty if the file is missing or unreadable: offline hosts then get their full time again.
    private(set) var absences: OfflineSince

    /// The first part of all generations of this state directory.
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
        absences = (try? StateFile.read(absencesFile, limit: Limits.journalLine)).map { OfflineSince($0) } ?? .init()
        written = (try? FileSystem.read("\(directory)/cluster.json", limit: Limits.payload)) ?? []
        try read()
    }

    /// Reads or creates `cluster.json`.
    ///
    /// An unreadable file is an error and is not replaced: with a new id, all running instances would become orphans.
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

    /// Empty if the file can't be read: the generations in it are then not removed but left alone.
    private static func generations(in file: String) -> GenerationList {
        let json = try? StateFile.read(file, limit: Limits.journalLine)
        return GenerationList((json?.array ?? []).compactMap(\.string))
    }

    /// Releases the lock.
    func close() { lock.unlock() }

    /// Reads all records. An unreadable file is kept and reported in `reasons`.
    private func read() throws(SystemError) {
        for name in try FileSystem.list(path) {
            // A partial file from a pm-cluster that was killed while writing.
            if name.hasSuffix(".new") { FileSystem.remove("\(path)/\(name)") }
            guard name.hasSuffix(".json"), let id = HostName(String(name.dropLast(5))) else { continue }
            do throws(Failure) {
                let record = try InstanceRecord(try StateFile.read("\(path)/\(name)", limit: Limits.journalLine))
                guard record.id == id else { throw Failure(.invalidArgument, "it holds the id \(record.id)") }
                records.append(record)
            } catch {
                let reason = "\(path)/\(name) is not used, and the instance \(id) is left alone: \(error.detail)"
                unreadable.insert(id)
                reasons[name] = reason
                Log.note(reason, .error)
            }
        }
    }

    /// The records of an earlier pm-cluster; empty from the second call on.
    func takeRecords() -> [InstanceRecord] {
        defer { records = [] }
        return records
    }

    /// - Returns: whether the file was written.
    func save(_ record: InstanceRecord) -> Bool {
        let name = Self.name(of: record)
        do throws(SystemError) {
            try FileSystem.replace(
                "\(path)/\(name)", with: record.json.printed() + [UInt8(ascii: "\n")], isDurable: false)
        } catch {
            reasons[name] = "\(record.kind.rawValue) \(record.id) is not saved: \(error)"
            return false
        }
        reasons[name] = nil
        unsynced.insert("\(path)/\(name)")
        syncLater()
        return true
    }

    func remove(_ record: InstanceRecord) {
        reasons[Self.name(of: record)] = nil
        FileSystem.remove("\(path)/\(Self.name(of: record))")
    }

    // MARK: The number of the last change

    /// Counts a change. Called before the change is saved.
    func advance() { changeCluster { _ in } }

    /// - Parameter serial: the number of a newer copy of this directory.
    func advance(beyond serial: Int) { changeCluster { $0.mark.serial = max($0.mark.serial, serial) } }

    /// - Parameter mismatch: nil when the state has been confirmed.
    func note(_ mismatch: ClusterFile.StateMismatch?, _ kind: InstanceKind) {
        changeCluster { $0.mismatches[kind] = mismatch }
    }

    private func changeCluster(_ change: (inout ClusterFile) -> Void) {
        change(&cluster)
        cluster.mark.serial += 1
        let text = cluster.json.printed()
        // After a failed write, the file still has the content that was written last.
        if write(text, to: "cluster.json", "the number of the last change") { written = text }
    }

    func noteEnd(of generations: [String]) {
        for generation in generations { ended.add(generation) }
        write(Self.text(ended), to: "ended.json", "the list of ended generations")
    }

    func leave(_ generations: [String]) {
        for generation in generations { left.add(generation) }
        write(Self.text(left), to: "left.json", "the list of generations that are left alone")
    }

    private static func text(_ list: GenerationList) -> [UInt8] {
        JSON.array(list.all.map { .string($0) }).printed()
    }

    @discardableResult
    private func write(_ text: [UInt8], to name: String, _ what: String) -> Bool {
        let file = "\(directory)/\(name)"
        do throws(SystemError) {
            try FileSystem.replace(file, with: text, isDurable: false)
            reasons[file] = nil
            unsynced.insert(file)
            syncLater()
        } catch {
            reasons[file] = "\(what) is not saved: \(error)"
            return false
        }
        return true
    }

    /// Whether another program has changed the directory, as when a backup is restored while pm-cluster runs.
    var isDisturbed: Bool {
        (try? FileSystem.read("\(directory)/cluster.json", limit: Limits.payload)) != written
    }

    /// Rewrites all files from memory.
    func rewrite(_ records: [InstanceRecord]) {
        try? FileSystem.makeDirectories(path)
        let names = Set(records.map(Self.name) + unreadable.map { "\($0).json" })
        for name in (try? FileSystem.list(path)) ?? [] where !names.contains(name) {
            FileSystem.remove("\(path)/\(name)")
        }
        noteEnd(of: [])
        leave([])
        saveAbsences()
        for record in records { _ = save(record) }
        // Last: until `cluster.json` is written, `isDisturbed` stays true.
        advance()
    }

    // MARK: Hosts that are offline

    /// Records when a host went offline, unless that is recorded.
    func beginAbsence(of host: HostName, at now: Double) { if absences.begin(host, at: now) { saveAbsences() } }

    /// - Returns: whether the host was recorded as offline.
    func endAbsence(of host: HostName) -> Bool {
        guard absences.end(host) else { return false }
        saveAbsences()
        return true
    }

    /// Moves the beginning of an absence to `time` if the host was heard since it began. Saved with the next change.
    func noteWord(of host: HostName, at time: Double) { absences.note(host, heardAt: time) }

    private func saveAbsences() {
        do throws(SystemError) {
            try FileSystem.replace(
                absencesFile, with: absences.json.printed() + [UInt8(ascii: "\n")], isDurable: false)
            reasons[absencesFile] = nil
        } catch {
            reasons[absencesFile] = "the list of offline hosts is not saved: \(error)"
        }
    }

    private static func name(of record: InstanceRecord) -> String { "\(record.id).json" }

    // MARK: Forcing files to the disk

    /// Delays syncing: a file can't be written during fsync(2), and is often written again right away.
    private func syncLater() {
        guard syncTimer == nil else { return }
        syncTimer = loop.after(.seconds(Limits.syncDelay)) { [self] in
            syncTimer = nil
            syncNext()
        }
    }

    /// Syncs one file after the other in a thread. A file that was removed in the meantime is skipped.
    private func syncNext() {
        guard !isSyncing, let file = unsynced.popFirst() else { return }
        isSyncing =
            (try? BackgroundWork.start(on: loop, { _ = try? FileSystem.sync(file) }) { [self] in
                isSyncing = false
                syncNext()
            }) != nil
    }
}
