import Cluster
import JSONCodec
import LinuxSystem
import Model

/// What hosts run, and no file says that it runs there.
extension Instances {
    /// Has a host asked for one of these, once.
    func look(at hostedID: HostedID) {
        guard isActing, hosts.presence(of: hostedID.host) == .online, let kind = hosted[hostedID],
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

    /// What is left alone because the host of its file was there as well is looked at again when that is gone.
    func lookAgain(withoutHost host: HostName) {
        for hostedID in hosted.keys where byID[hostedID.id]?.record.host == host && hostedID.host != host {
            foreign.remove(hostedID)
            look(at: hostedID)
        }
    }

    /// What has become of one that is gone.
    static func farewell(_ instance: Instance) -> String {
        let isRemoved = instance.lifecycle.isCommitted && !instance.lifecycle.isForeign
        guard !isRemoved || instance.trouble?.code == .hostOffline else {
            return "removed \(instance.title)" + (instance.record.host.map { " on \($0)" } ?? "")
        }
        return "\(instance.title) is gone" + (instance.trouble.map { ": \($0.detail)" } ?? "")
    }

    /// One of these has been removed, or is left alone.
    func drop(_ stray: Instance, on host: HostName) {
        let hostedID = HostedID(host: host, id: stray.id)
        strays[hostedID] = nil
        if hosted[hostedID] != nil { foreign.insert(hostedID) }
        guard !stray.lifecycle.isForeign else { return }
        Log.note("removed \(stray.title) on \(host): it is no longer wanted")
        orphans[hostedID] = nil
        healthChanged()
    }

    /// - Parameters:
    ///   - generation: of what a host runs.
    ///   - process: what it says of it.
    /// - Returns: whether it is to be removed.
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
            Log.note("\(stray.title) on \(host) is left alone: \(known) has the same one, and is online")
            return .foreign
        case .orphan:
            noteOrphan(stray, generation, process)
            return .foreign
        case .foreign: return .foreign
        }
    }

    /// Whether this pm-cluster has ended it, or has replaced it by another generation.
    func hasEnded(_ generation: String, _ id: HostName) -> Bool {
        store.ended.contains(generation) || byID[id]?.record.replaced.contains(generation) == true
    }

    /// Its host is called otherwise now.
    private func move(_ instance: Instance, to host: HostName) {
        let old = instance.record.host.map { ", which was \($0)" } ?? ""
        Log.note("\(instance.title) is on \(host) now\(old)")
        instance.record.host = host
        countChange()
        save(instance)
        changed(instance)
        feed(.hostOnline, to: instance)
    }
}
