import Cluster
import JSONCodec
import LinuxSystem
import Model
import Wire

/// Whether the state directory is what the fleet was managed with last, and what follows when it is not.
extension Instances {
    /// - Parameter retained: how far a state directory had come that this broker has heard of.
    func compare(with retained: StateMark?) {
        switch store.cluster.mark.standing(to: retained) {
        case .current: isUnverified = false
        // What is there goes on; only what is not there is not started.
        case .unknown: isUnverified = !hasRecovered || isUnverified
        case .older:
            store.advance(beyond: retained?.serial ?? 0)
            for kind in InstanceKind.allCases { beginDoubt(kind, .older) }
        case .other: for kind in InstanceKind.allCases { beginDoubt(kind, .other) }
        }
    }

    func beginDoubt(_ kind: InstanceKind, _ doubt: ClusterFile.StateMismatch) {
        guard store.cluster.doubts[kind] == nil else { return }
        Log.note(Self.text(doubt, kind))
        store.doubt(kind, doubt)
        for instance in byID.values where instance.kind == kind { instance.lifecycle.beginDoubt() }
    }

    /// Whether what files tell of may have been removed since.
    func isDoubtful(_ kind: InstanceKind) -> Bool { isUnverified || store.cluster.doubts[kind] != nil }

    private static func text(_ doubt: ClusterFile.StateMismatch, _ kind: InstanceKind) -> String {
        let what =
            "\(kind.rawValue)s that it does not know are left alone, and missing ones not started, until it is confirmed"
        return switch doubt {
        case .older: "pm-cluster's state is older than the fleet: \(what)"
        case .other: "pm-cluster's state is not what this fleet was managed with before: \(what)"
        }
    }

    /// Somebody says that what is there is right: what is held is brought up, and what is left alone stays so.
    func confirm(_ kind: InstanceKind, reply: @escaping Instance.Reply) {
        store.doubt(kind, nil)
        for instance in all where instance.kind == kind { confirm(instance) }
        let orphans = self.orphans.values.filter { $0.kind == kind }
        store.leave(orphans.map(\.generation))
        for orphan in orphans where !orphan.isSighted && hosts.presence(of: orphan.host) == .online {
            self.orphans[orphan.hostedID] = nil
            clearLeftState(kind, orphan.id)
        }
        Log.note("the state of \(kind.rawValue)s is confirmed; left alone: \(orphans.count)")
        healthChanged()
        reply(.confirmed)
    }

    func confirm(_ instance: Instance) {
        instance.record.isAdopted = false
        instance.isUnsaved = true
        perform(instance.lifecycle.confirm(), on: instance)
    }

    func doubtReasons(of kind: InstanceKind) -> [String] {
        let doubt = store.cluster.doubts[kind].map { Self.text($0, kind) }
        let adopted = all.filter { $0.kind == kind && $0.record.isAdopted }.map {
            "\($0.title) is newer than pm-cluster's state, and was adopted: to be confirmed"
        }
        let orphans = sortedOrphans(kind).filter { !store.left.contains($0.generation) }.map {
            "\($0.title) on \($0.host) is in no file of pm-cluster: to be adopted or removed"
        }
        return (doubt.map { [$0] } ?? []) + adopted + orphans
    }

    // MARK: A directory that is changed while it is in use

    /// Before a change is written down; the broker hears of it before anybody is answered.
    func countChange() {
        mendDirectory()
        store.advance()
    }

    /// What is known here is newer than a backup that is put there now.
    func mendDirectory() {
        guard isActing, hasRecovered, store.isDisturbed else { return }
        Log.note("the state directory was changed by another program: it is written anew, as it was before")
        for instance in all { note(instance) }
        store.rewrite(all.map(\.record), offlineSince)
    }
}
