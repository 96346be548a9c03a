import Cluster
import JSONCodec
import LinuxSystem
import Model

/// Instances that a host runs and that have no file for this host. Each is inspected once: leftovers are removed,
/// orphans are noted, an instance of a renamed host is moved, and all others are left alone.
extension Instances {
    /// Has the host asked about an instance that has no file for this host, unless that was done before.
    func look(at hostedID: HostedID) {
        guard leadership.isActing, hosts.presence(of: hostedID.host) == .online, let kind = hosted[hostedID],
            byID[hostedID.id]?.record.host != hostedID.host, !store.unreadable.contains(hostedID.id),
            strays[hostedID] == nil, !foreign.contains(hostedID)
        else { return }
        let record = InstanceRecord(
            kind: kind, id: hostedID.id, host: hostedID.host, want: .down, isCommitted: false, generation: "",
            createdAt: WallClock.now)
        let (lifecycle, actions) = InstanceLifecycle.recover(
            want: .down, isCommitted: false, hasHost: true, hasProcess: false)
        let stray = Instance(record, lifecycle, isStray: true)
        strays[hostedID] = stray
        perform(actions, on: stray)
    }

    /// Inspects instances again that were left alone because the host in their file was online as well.
    func lookAgain(withoutHost host: HostName) {
        for hostedID in hosted.keys where byID[hostedID.id]?.record.host == host && hostedID.host != host {
            foreign.remove(hostedID)
            look(at: hostedID)
        }
    }

    /// The log line for an instance that is gone.
    static func farewell(_ instance: Instance) -> String {
        let isRemoved = instance.lifecycle.isCommitted && !instance.lifecycle.isForeign
        guard !isRemoved || instance.trouble?.code == .hostOffline else {
            return "removed \(instance.title)" + (instance.record.host.map { " on \($0)" } ?? "")
        }
        return "\(instance.title) is gone" + (instance.trouble.map { ": \($0.detail)" } ?? "")
    }

    /// Called when a stray has been removed or is left alone.
    func drop(_ stray: Instance, on host: HostName) {
        let hostedID = HostedID(host: host, id: stray.id)
        strays[hostedID] = nil
        if hosted[hostedID] != nil { foreign.insert(hostedID) }
        guard !stray.lifecycle.isForeign else { return }
        Log.note("removed \(stray.title) on \(host): it is no longer wanted")
        orphans[hostedID] = nil
        healthChanged()
    }

    /// Classifies what a host runs under the name of a stray.
    ///
    /// - Parameter process: the entry in the host's answer.
    /// - Returns: `outdated` if it is to be removed, otherwise `foreign`.
    func sighted(_ stray: Instance, _ generation: String, _ process: JSON) -> InstanceLifecycle.Finding {
        guard let host = stray.record.host else { return .foreign }
        let instance = byID[stray.id].flatMap { $0.kind == stray.kind ? $0 : nil }
        let sighting = FoundInstance(
            generation: generation, isManaged: Generations.isManaged(generation),
            isEnded: hasEnded(generation, stray.id), recorded: instance?.record.generation,
            recordedHost: instance?.record.host.map { hosts.presence(of: $0) } ?? .offline)
        switch sighting {
        case .leftover: return .outdated
        case .moved:
            if let instance { move(instance, to: host) }
            return .foreign
        case .twin:
            let known = instance?.record.host?.description ?? "another host"
            Log.note("\(stray.title) on \(host) is left alone: \(known) runs the same generation and is online")
            return .foreign
        case .orphan:
            noteOrphan(stray, generation, process)
            return .foreign
        case .foreign: return .foreign
        }
    }

    /// Whether this pm-cluster has ended the generation or replaced it by a reset.
    func hasEnded(_ generation: String, _ id: HostName) -> Bool {
        store.ended.contains(generation) || byID[id]?.record.replaced.contains(generation) == true
    }

    /// Called when the host of an instance was renamed.
    private func move(_ instance: Instance, to host: HostName) {
        let old = instance.record.host.map { ", formerly \($0)" } ?? ""
        Log.note("\(instance.title) is on \(host) now\(old)")
        instance.record.host = host
        countChange()
        save(instance)
        changed(instance)
        feed(.hostOnline, to: instance)
    }
}
