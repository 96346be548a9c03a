import Cluster
import Model

/// The instances of a pm-cluster that have no file here, by host and name.
///
/// An orphan is *sighted* when its host has reported it. One that is not sighted is only known from its retained state.
final class Orphans {
    private var all: [HostedID: Orphan] = [:]

    var count: Int { all.count }

    subscript(id: HostedID) -> Orphan? { all[id] }

    func sorted(_ kind: InstanceKind) -> [Orphan] {
        all.values.filter { $0.kind == kind }.sorted { ($0.id, $0.host) < ($1.id, $1.host) }
    }

    /// Adds an orphan that its host has reported. It takes over what its retained state says; if its host was renamed,
    /// that state has the old name of the host.
    ///
    /// - Parameter change: takes what the host reports, which is newer than the retained state.
    func sight(_ orphan: Orphan, _ change: (inout Orphan) -> Void) {
        var orphan = orphan
        let left = all.values.first { !$0.isSighted && $0.id == orphan.id && $0.generation == orphan.generation }
        if let left {
            all[left.hostedID] = nil
            orphan.take(left)
        }
        orphan.isSighted = true
        change(&orphan)
        all[orphan.hostedID] = orphan
    }

    /// Adds an orphan that only its retained state describes, unless its host has reported it.
    func add(left orphan: Orphan) {
        guard !all.values.contains(where: { $0.isSighted && $0.id == orphan.id && $0.generation == orphan.generation })
        else { return }
        all[orphan.hostedID] = orphan
    }

    func remove(_ id: HostedID) { all[id] = nil }

    /// Called when its host no longer knows it.
    func forget(_ id: HostedID) { if all[id]?.isSighted == true { all[id] = nil } }

    /// - Parameter host: selects one of several orphans of the same name.
    func find(_ kind: InstanceKind, _ id: HostName, on host: HostName?) throws(Failure) -> Orphan? {
        let found = sorted(kind).filter { $0.id == id && (host == nil || $0.host == host) }
        guard found.count < 2 else {
            let hosts = found.map { "\($0.host)" }.joined(separator: ", ")
            throw Failure(.invalidArgument, "\(id) runs on several hosts (\(hosts)): name one with host")
        }
        return found.first
    }
}
