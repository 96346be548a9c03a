import Cluster
import Model

/// What hosts run by the drivers of nodes and VMs, with or without a file.
///
/// What runs without a file for its host is *unfiled*. An unfiled instance is inspected once. Meanwhile it has a
/// lifecycle (``inspect(_:at:)``), and then it is removed, or settled and left alone (``settle(_:)``), until its host
/// forgets it (``forget(_:)``) or there is reason to inspect it again (``reconsider(_:)``).
final class HostedInstances {
    private struct Entry {
        var kind: InstanceKind
        /// Bytes that it may use; nil for a node, and for a VM that has ended.
        var memory: Int?
        /// Whether it was inspected and is left alone.
        var isSettled = false
    }

    private var entries: [HostedID: Entry] = [:]
    private var unfiled: [HostedID: Instance] = [:]

    var ids: [HostedID] { Array(entries.keys) }

    /// The unfiled instances that are being inspected or removed.
    var underInspection: [Instance] { Array(unfiled.values) }

    /// - Returns: false if there are too many.
    func note(_ id: HostedID, _ kind: InstanceKind, memory: Int?) -> Bool {
        guard entries[id] != nil || entries.count < Limits.instances else { return false }
        entries[id, default: Entry(kind: kind)].kind = kind
        entries[id]?.memory = memory
        return true
    }

    /// Called when the host no longer knows it.
    func forget(_ id: HostedID) { entries[id] = nil }

    /// - Returns: what to inspect it as; nil if that is being done, was done, or its host does not run it.
    func kindToInspect(_ id: HostedID) -> InstanceKind? {
        guard let entry = entries[id], !entry.isSettled, unfiled[id] == nil else { return nil }
        return entry.kind
    }

    func inspect(_ instance: Instance, at id: HostedID) { unfiled[id] = instance }

    /// Called when an unfiled instance has been removed or is left alone.
    func settle(_ id: HostedID) {
        unfiled[id] = nil
        entries[id]?.isSettled = true
    }

    func reconsider(_ id: HostedID) { entries[id]?.isSettled = false }

    func isInspecting(_ id: HostedID) -> Bool { unfiled[id] != nil }

    /// Whether an instance of this name is inspected on any host.
    func isInspecting(_ id: HostName) -> Bool { unfiled.keys.contains { $0.id == id } }

    /// Bytes of each VM that runs, with its host.
    var memory: [(id: HostedID, bytes: Int)] {
        entries.compactMap { id, entry in entry.memory.map { (id, $0) } }
    }
}
