import Cluster
import JSONCodec
import LinuxSystem
import Model
import ServiceSupport

/// What hosts run without a file. It is inspected once: leftovers are removed, orphans are noted, an instance of a
/// renamed host is moved, and all others are left alone.
extension Instances {
    /// Has the host asked about an instance that has no file for this host, unless that was done before.
    func look(at hostedID: HostedID) {
        guard leadership.isActing, hosts.presence(of: hostedID.host) == .online,
            let kind = hosted.kindToInspect(hostedID), store[hostedID.id]?.record.host != hostedID.host,
            !directory.unreadable.contains(hostedID.id)
        else { return }
        let record = InstanceRecord(
            kind: kind, id: hostedID.id, host: hostedID.host, want: .down, isCommitted: false, generation: "",
            createdAt: WallClock.now)
        let (lifecycle, actions) = InstanceLifecycle.recover(
            want: .down, isCommitted: false, hasHost: true, hasProcess: false)
        let unfiled = Instance(record, lifecycle, isUnfiled: true)
        hosted.inspect(unfiled, at: hostedID)
        perform(actions, on: unfiled)
    }

    /// Inspects instances again that were left alone because the host in their file was online as well.
    func lookAgain(withoutHost host: HostName) {
        for hostedID in hosted.ids where store[hostedID.id]?.record.host == host && hostedID.host != host {
            hosted.reconsider(hostedID)
            look(at: hostedID)
        }
    }

    /// Called when an unfiled instance has been removed or is left alone.
    func settle(_ unfiled: Instance, on host: HostName) {
        let hostedID = HostedID(host: host, id: unfiled.id)
        hosted.settle(hostedID)
        guard !unfiled.lifecycle.isForeign else { return }
        Log.note("removed \(unfiled.title) on \(host): it is no longer wanted")
        orphans.remove(hostedID)
        retained.noteHealth()
    }

    /// Classifies what a host runs under the name of an unfiled instance.
    ///
    /// - Parameter process: the entry in the host's answer.
    /// - Returns: `outdated` if it is to be removed, otherwise `foreign`.
    func classify(_ unfiled: Instance, _ generation: String, _ process: JSON) -> InstanceLifecycle.Finding {
        guard let host = unfiled.record.host else { return .foreign }
        let instance = store[unfiled.id].flatMap { $0.kind == unfiled.kind ? $0 : nil }
        let found = FoundInstance(
            generation: generation, isManaged: Generations.isManaged(generation),
            isEnded: store.hasEnded(generation, of: unfiled.id), recorded: instance?.record.generation,
            recordedHost: instance?.record.host.map { hosts.presence(of: $0) } ?? .offline)
        switch found {
        case .leftover: return .outdated
        case .moved:
            if let instance { move(instance, to: host) }
            return .foreign
        case .twin:
            let known = instance?.record.host?.description ?? "another host"
            Log.note(
                "\(unfiled.title) on \(host) is left alone: \(known) runs the same generation and is online", .warning)
            return .foreign
        case .orphan:
            noteOrphan(Orphan(kind: unfiled.kind, id: unfiled.id, host: host, generation: generation), process)
            return .foreign
        case .foreign: return .foreign
        }
    }

    /// Called when the host of an instance was renamed.
    private func move(_ instance: Instance, to host: HostName) {
        let old = instance.record.host.map { ", formerly \($0)" } ?? ""
        Log.note("\(instance.title) is on \(host) now\(old)")
        instance.move(to: host)
        store.countChange()
        store.save(instance)
        retained.note(instance)
        feed(.hostOnline, to: instance)
    }
}
