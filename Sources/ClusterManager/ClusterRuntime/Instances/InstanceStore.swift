import Cluster
import LinuxSystem
import Model
import ServiceSupport

/// The nodes and VMs that have a file, and their files.
///
/// A change is counted (``countChange()``) before it is saved (``save(_:)``). Memory has the newer state: if another
/// program has changed the directory, it is written again. Nothing is rewritten before ``recover(_:)`` has returned or
/// while another pm-cluster may be active. A file that could not be written is written later.
final class InstanceStore {
    private let directory: StateDirectory
    private let leadership: Leadership
    private let loop: EventLoop
    private var byID: [HostName: Instance] = [:]
    /// Whether the files of an earlier pm-cluster have been taken over.
    private var isComplete = false
    private var isRetrying = false

    init(_ directory: StateDirectory, _ leadership: Leadership, on loop: EventLoop) {
        self.directory = directory
        self.leadership = leadership
        self.loop = loop
    }

    subscript(id: HostName) -> Instance? { byID[id] }

    var count: Int { byID.count }
    /// By name.
    var all: [Instance] { byID.values.sorted { $0.id < $1.id } }
    /// Without an order.
    var unsorted: some Collection<Instance> { byID.values }

    /// Whether no file has this name, readable or not.
    func isFree(_ id: HostName) -> Bool { byID[id] == nil && !directory.unreadable.contains(id) }

    /// Whether this pm-cluster has ended the generation or replaced it by a reset.
    func hasEnded(_ generation: String, of id: HostName) -> Bool {
        directory.ended.contains(generation) || byID[id]?.record.replaced.contains(generation) == true
    }

    /// - Parameter take: adds the instance of a record that an earlier pm-cluster has saved.
    func recover(_ take: (InstanceRecord) -> Void) {
        for record in directory.takeRecords() { take(record) }
        isComplete = true
    }

    func add(_ instance: Instance) { byID[instance.id] = instance }

    /// Removes an instance and its file. If it ended, and was not left alone, its generations are removed wherever they
    /// are found from now on.
    func remove(_ instance: Instance) {
        if !instance.lifecycle.isForeign {
            directory.noteEnd(of: [instance.record.generation] + instance.record.replaced)
        }
        countChange()
        directory.remove(instance.record)
        byID[instance.id] = nil
    }

    /// An unfiled instance has no file and is not saved.
    ///
    /// - Returns: false if it could not be written; it is written later then.
    @discardableResult
    func save(_ instance: Instance) -> Bool {
        guard !instance.isUnfiled else { return true }
        mend()
        instance.save(in: directory)
        if instance.isUnsaved { retry() }
        return !instance.isUnsaved
    }

    /// Saves again later, for example after the disk was full.
    private func retry() {
        guard !isRetrying else { return }
        isRetrying = true
        loop.after(.seconds(Limits.stateRetry)) { [weak self] in
            guard let self else { return }
            isRetrying = false
            for instance in all where instance.isUnsaved { save(instance) }
        }
    }

    /// Called before a change is saved. The number is published before the request is answered.
    func countChange() {
        mend()
        directory.advance()
    }

    /// Rewrites the directory if another program has changed it, as by restoring a backup.
    func mend() {
        guard leadership.isActing, isComplete, directory.isDisturbed else { return }
        Log.note("the state directory was changed by another program: pm-cluster rewrites it as it was", .warning)
        directory.rewrite(all.map(\.record))
    }
}
