import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Orphans: nodes and VMs that run and have no file. They are listed, and adopted or removed on request.
extension Instances {
    func sortedOrphans(_ kind: InstanceKind) -> [Orphan] {
        orphans.values.filter { $0.kind == kind }.sorted { ($0.id, $0.host) < ($1.id, $1.host) }
    }

    func orphanEntries(of kind: InstanceKind) -> [InstanceEntry] {
        sortedOrphans(kind).map { orphan in
            guard hosts.presence(of: orphan.host) == .online else {
                return orphan.entry(.hostOffline, reason: "its host is offline")
            }
            guard orphan.isSighted else { return orphan.entry(.failed, reason: "its host does not run it") }
            let isReady =
                hosts.presence(of: orphan.id) == .online && hosts[orphan.id]?.facts?.generation == orphan.generation
            return orphan.entry(isReady ? .running : .down, reason: isReady ? nil : "its agent is gone")
        }
    }

    /// - Parameter process: the entry in the host's answer.
    func noteOrphan(_ stray: Instance, _ generation: String, _ process: JSON) {
        guard let host = stray.record.host else { return }
        let hostedID = HostedID(host: host, id: stray.id)
        var orphan = Orphan(kind: stray.kind, id: stray.id, host: host, generation: generation)
        // If its host was renamed, its retained state has the old host name.
        let left = orphans.values.first { !$0.isSighted && $0.id == stray.id && $0.generation == generation }
        if let left {
            orphans[left.hostedID] = nil
            orphan.createdAt = left.createdAt
            orphan.processID = left.processID
            orphan.take(left)
        }
        orphan.isSighted = true
        orphan.take(process["config"] ?? [:])
        orphans[hostedID] = orphan
        guard !store.left.contains(generation) else { return }
        Log.note("left \(orphan.title) on \(host) alone: it is in no file of pm-cluster")
        if generations.isOurs(generation) { beginMismatch(orphan.kind, .older) }
        healthChanged()
    }

    /// Takes a retained state of a node or VM that has no file.
    ///
    /// - Returns: whether the state is kept, because the instance may run on a host that is offline.
    func keepsLeftState(_ kind: InstanceKind, _ id: HostName, _ state: JSON?) -> Bool {
        if store.unreadable.contains(id) { return true }
        guard let orphan = state.flatMap({ Orphan(kind, id, state: $0) }), !store.ended.contains(orphan.generation),
            isMismatched(kind) || store.left.contains(orphan.generation), orphans.count < Limits.instances
        else { return false }
        if !orphans.values.contains(where: { $0.isSighted && $0.id == id && $0.generation == orphan.generation }) {
            orphans[orphan.hostedID] = orphan
        }
        healthChanged()
        return true
    }

    /// - Parameter host: selects one of several orphans of the same name.
    private func orphan(_ kind: InstanceKind, _ id: HostName, on host: HostName?) throws(Failure) -> Orphan? {
        let found = sortedOrphans(kind).filter { $0.id == id && (host == nil || $0.host == host) }
        guard found.count < 2 else {
            let hosts = found.map { "\($0.host)" }.joined(separator: ", ")
            throw Failure(.invalidArgument, "\(id) runs on several hosts (\(hosts)): name one with host")
        }
        return found.first
    }

    // MARK: Removing

    /// - Returns: whether there is such an orphan. If so, it is removed or `reply` gets the error.
    func removeOrphan(_ removal: InstanceRemoval, _ message: Message, reply: @escaping Instance.Reply) -> Bool {
        do throws(Failure) {
            guard let orphan = try orphan(removal.kind, removal.id, on: removal.host) else { return false }
            guard strays[orphan.hostedID] == nil else { throw Failure(.notAllowed, "it is being inspected: try again") }
            let record = orphan.record(want: .down)
            let (lifecycle, actions) = InstanceLifecycle.recover(
                want: .down, isCommitted: true, hasHost: true, hasProcess: false)
            // A file has the name of its instance: if another instance has the name, the removal is not saved.
            let instance = Instance(record, lifecycle, isStray: byID[orphan.id] != nil)
            if instance.isStray { strays[orphan.hostedID] = instance } else { byID[orphan.id] = instance }
            orphans[orphan.hostedID] = nil
            foreign.remove(orphan.hostedID)
            enlist(.remove, message, of: instance, reply)
            countChange()
            save(instance)
            perform(actions, on: instance)
            tellIfAway(instance)
        } catch {
            reply(.failed(error))
        }
        return true
    }

    // MARK: Adopting

    func adopt(_ adoption: InstanceAdoption, reply: @escaping Instance.Reply) {
        do throws(Failure) {
            if let instance = byID[adoption.id], adoption.host.map({ $0 == instance.record.host }) ?? true {
                try confirm(instance, adoption.kind)
                return reply(.adopted(instance.kind, instance.id, on: instance.record.host ?? instance.id))
            }
            guard let orphan = try orphan(adoption.kind, adoption.id, on: adoption.host) else {
                throw noSuch(adoption.kind, adoption.id)
            }
            try checkAdoptable(orphan, hasConfig: adoption.config != nil)
            askConfig(of: orphan, adoption.config) { [weak self] result in
                self?.finish(orphan, result, reply)
            }
        } catch {
            reply(.failed(error))
        }
    }

    private func confirm(_ instance: Instance, _ kind: InstanceKind) throws(Failure) {
        guard instance.kind == kind else { throw noSuch(kind, instance.id) }
        guard instance.record.isAdopted || instance.lifecycle.phase == .held else {
            throw Failure(.notAllowed, "pm-cluster knows \(instance.id) already")
        }
        confirm(instance)
    }

    private func checkAdoptable(_ orphan: Orphan, hasConfig: Bool) throws(Failure) {
        guard byID[orphan.id] == nil, !store.unreadable.contains(orphan.id) else {
            throw Failure(.nameInUse, "\(orphan.id) is in use")
        }
        guard hosts.presence(of: orphan.host) == .online else {
            throw Failure(.hostOffline, "its host \(orphan.host) is offline")
        }
        guard orphan.isSighted else { throw Failure(.notAllowed, "\(orphan.host) does not run it") }
        guard orphan.kind == .node || hasConfig || hosts.presence(of: orphan.id) == .online else {
            throw Failure(.notAllowed, "its agent is offline: pass its process as config")
        }
    }

    /// - Parameter completion: called with the config of a VM's process; nil for a node.
    private func askConfig(
        of orphan: Orphan, _ config: JSON?, _ completion: @escaping (Result<JSON?, Failure>) -> Void
    ) {
        guard orphan.kind == .vm else { return completion(.success(nil)) }
        if let config {
            return completion(Result { () throws(Failure) in try Self.named(config) })
        }
        askProcessConfig(in: orphan.id, preferring: orphan.processID, completion)
    }

    private func finish(_ orphan: Orphan, _ result: Result<JSON?, Failure>, _ reply: Instance.Reply) {
        do throws(Failure) {
            var record = orphan.record(want: .up)
            switch result {
            case .success(let config): record.config = config
            case .failure(let failure): throw failure
            }
            // It may have been removed while the agent was asked.
            guard orphans[orphan.hostedID]?.generation == orphan.generation else {
                throw noSuch(orphan.kind, orphan.id)
            }
            try checkAdoptable(orphan, hasConfig: true)
            let (lifecycle, actions) = InstanceLifecycle.recover(
                want: .up, isCommitted: true, hasHost: true, hasProcess: orphan.kind == .vm)
            let instance = Instance(record, lifecycle)
            byID[orphan.id] = instance
            orphans[orphan.hostedID] = nil
            Log.note("adopted \(orphan.title) on \(orphan.host)")
            countChange()
            save(instance)
            refreshReadiness(of: instance)
            perform(actions, on: instance)
            tell(instance)
            reply(.adopted(orphan.kind, orphan.id, on: orphan.host))
        } catch {
            reply(.failed(error))
        }
    }
}
