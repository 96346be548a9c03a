import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import ServiceSupport
import Wire

/// Orphans: nodes and VMs that run and have no file. They are adopted or removed on request, as are instances of which
/// the file may be old.
extension Instances {
    /// - Parameters:
    ///   - orphan: what its host has reported, without its config.
    ///   - process: the entry in the host's answer.
    func noteOrphan(_ orphan: Orphan, _ process: JSON) {
        orphans.sight(orphan) { $0.take(process["config"] ?? [:]) }
        guard !directory.left.contains(orphan.generation) else { return }
        Log.note("left \(orphan.title) on \(orphan.host) alone: it is in no file of pm-cluster", .warning)
        if generations.isOurs(orphan.generation) { mismatches.begin(orphan.kind, .older) }
        retained.noteHealth()
    }

    /// Takes a retained state of a node or VM that has no file.
    ///
    /// - Returns: whether the state is kept, because the instance may run on a host that is offline.
    func keepsLeftState(_ kind: InstanceKind, _ id: HostName, _ state: JSON?) -> Bool {
        if directory.unreadable.contains(id) { return true }
        guard let orphan = state.flatMap({ Orphan(kind, id, state: $0) }),
            !directory.ended.contains(orphan.generation),
            mismatches.concerns(kind) || directory.left.contains(orphan.generation), orphans.count < Limits.instances
        else { return false }
        orphans.add(left: orphan)
        retained.noteHealth()
        return true
    }

    /// `confirm_state`: held instances are started, and orphans are left alone for good.
    func confirm(_ kind: InstanceKind, reply: @escaping Instance.Reply) {
        mismatches.end(kind)
        for instance in store.all where instance.kind == kind { confirm(instance) }
        let orphans = self.orphans.sorted(kind)
        directory.leave(orphans.map(\.generation))
        for orphan in orphans where !orphan.isSighted && hosts.presence(of: orphan.host) == .online {
            self.orphans.remove(orphan.hostedID)
            retained.clearState(kind, orphan.id)
        }
        Log.note("the state of \(kind.rawValue)s was confirmed; orphans left alone: \(orphans.count)")
        retained.noteHealth()
        reply(.confirmed)
    }

    private func confirm(_ instance: Instance) { perform(instance.confirm(), on: instance) }

    // MARK: Removing

    /// - Returns: whether there is such an orphan. If so, it is removed or `reply` gets the error.
    func removeOrphan(_ removal: InstanceRemoval, _ message: Message, reply: @escaping Instance.Reply) -> Bool {
        do throws(Failure) {
            guard let orphan = try orphans.find(removal.kind, removal.id, on: removal.host) else { return false }
            guard !hosted.isInspecting(orphan.hostedID) else {
                throw Failure(.notAllowed, "it is being inspected: try again")
            }
            let record = orphan.record(want: .down)
            let (lifecycle, actions) = InstanceLifecycle.recover(
                want: .down, isCommitted: true, hasHost: true, hasProcess: false)
            // A file has the name of its instance: if another instance has the name, the removal is not saved.
            let instance = Instance(record, lifecycle, isUnfiled: store[orphan.id] != nil)
            hosted.reconsider(orphan.hostedID)
            if instance.isUnfiled { hosted.inspect(instance, at: orphan.hostedID) } else { store.add(instance) }
            orphans.remove(orphan.hostedID)
            enlist(.remove, message, of: instance, reply)
            store.countChange()
            store.save(instance)
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
            if let instance = store[adoption.id], adoption.host.map({ $0 == instance.record.host }) ?? true {
                try confirm(instance, adoption.kind)
                return reply(.adopted(instance.kind, instance.id, on: instance.record.host ?? instance.id))
            }
            guard let orphan = try orphans.find(adoption.kind, adoption.id, on: adoption.host) else {
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
        guard store.isFree(orphan.id) else { throw Failure(.nameInUse, "\(orphan.id) is in use") }
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
            store.add(instance)
            orphans.remove(orphan.hostedID)
            Log.note("adopted \(orphan.title) on \(orphan.host)")
            store.countChange()
            store.save(instance)
            refreshReadiness(of: instance)
            perform(actions, on: instance)
            retained.tell(instance)
            reply(.adopted(orphan.kind, orphan.id, on: orphan.host))
        } catch {
            reply(.failed(error))
        }
    }

    /// Adopts what the host runs under the name of an instance whose file is old, from the host's last answer.
    func adoptFound(_ instance: Instance) {
        guard let host = instance.record.host, instance.adopt(on: host) else { return }
        refreshReadiness(of: instance)
        Log.note("adopted \(instance.title) on \(host): it is newer than pm-cluster's state")
        if generations.isOurs(instance.record.generation) { mismatches.begin(instance.kind, .older) }
    }
}
