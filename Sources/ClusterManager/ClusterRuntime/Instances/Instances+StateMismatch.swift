import Cluster
import JSONCodec
import LinuxSystem
import Model
import Wire

/// Detects that the state directory is older than the fleet or another one, and keeps pm-cluster from doing harm then:
/// unknown instances are left alone and missing ones are not started until the state is confirmed.
extension Instances {
    /// - Parameter retained: the mark that the broker retains; nil if there is none.
    func compare(with retained: StateMark?) {
        switch store.cluster.mark.standing(to: retained) {
        case .current: isUnverified = false
        // Running instances are managed as usual; only missing ones are not started.
        case .unknown: isUnverified = !hasRecovered || isUnverified
        case .older:
            store.advance(beyond: retained?.serial ?? 0)
            for kind in InstanceKind.allCases { beginMismatch(kind, .older) }
        case .other: for kind in InstanceKind.allCases { beginMismatch(kind, .other) }
        }
    }

    func beginMismatch(_ kind: InstanceKind, _ doubt: ClusterFile.StateMismatch) {
        guard store.cluster.mismatches[kind] == nil else { return }
        Log.note(Self.text(doubt, kind))
        store.doubt(kind, doubt)
        for instance in byID.values where instance.kind == kind { instance.lifecycle.beginMismatch() }
    }

    /// Whether instances in the files may have been removed since the files were written.
    func isMismatched(_ kind: InstanceKind) -> Bool { isUnverified || store.cluster.mismatches[kind] != nil }

    private static func text(_ doubt: ClusterFile.StateMismatch, _ kind: InstanceKind) -> String {
        let what =
            "unknown \(kind.rawValue)s are left alone, and missing ones are not started, until the state is confirmed"
        return switch doubt {
        case .older: "pm-cluster's state is older than the fleet: \(what)"
        case .other: "this fleet was managed with another state directory before: \(what)"
        }
    }

    /// `confirm_state`: held instances are started, and orphans are left alone for good.
    func confirm(_ kind: InstanceKind, reply: @escaping Instance.Reply) {
        store.doubt(kind, nil)
        for instance in all where instance.kind == kind { confirm(instance) }
        let orphans = self.orphans.values.filter { $0.kind == kind }
        store.leave(orphans.map(\.generation))
        for orphan in orphans where !orphan.isSighted && hosts.presence(of: orphan.host) == .online {
            self.orphans[orphan.hostedID] = nil
            clearLeftState(kind, orphan.id)
        }
        Log.note("the state of \(kind.rawValue)s was confirmed; orphans left alone: \(orphans.count)")
        healthChanged()
        reply(.confirmed)
    }

    func confirm(_ instance: Instance) {
        instance.record.isAdopted = false
        instance.isUnsaved = true
        perform(instance.lifecycle.confirm(), on: instance)
    }

    func doubtReasons(of kind: InstanceKind) -> [String] {
        let doubt = store.cluster.mismatches[kind].map { Self.text($0, kind) }
        let adopted = all.filter { $0.kind == kind && $0.record.isAdopted }.map {
            "\($0.title) is newer than pm-cluster's state, and was adopted: confirm or remove it"
        }
        let orphans = sortedOrphans(kind).filter { !store.left.contains($0.generation) }.map {
            "\($0.title) on \($0.host) is in no file of pm-cluster: adopt or remove it"
        }
        return (doubt.map { [$0] } ?? []) + adopted + orphans
    }

    // MARK: Changes to the directory by other programs

    /// Called before a change is saved. The number is published before the request is answered.
    func countChange() {
        mendDirectory()
        store.advance()
    }

    /// Rewrites the directory if another program has changed it, as by restoring a backup: memory has the newer state.
    func mendDirectory() {
        guard leadership.isActing, hasRecovered, store.isDisturbed else { return }
        Log.note("the state directory was changed by another program: pm-cluster rewrites it as it was")
        for instance in all { note(instance) }
        store.rewrite(all.map(\.record), offlineSince)
    }
}
