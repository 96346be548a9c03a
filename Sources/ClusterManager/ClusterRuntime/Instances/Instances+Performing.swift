import Cluster
import LinuxSystem
import Model
import Wire
import ServiceSupport

/// The lifecycles: events in, and the actions that follow.
extension Instances {
    func feed(_ event: InstanceLifecycle.Event, to instance: Instance) {
        perform(instance.handle(event), on: instance)
    }

    func perform(_ actions: [InstanceLifecycle.Action], on instance: Instance) {
        var next: [InstanceLifecycle.Event] = []
        for action in actions {
            // If saving failed, the host must not be asked: after a crash, the request would be unknown.
            if action == .askStart, !next.isEmpty { continue }
            if let event = perform(action, on: instance) { next.append(event) }
        }
        if instance.isUnsaved, instance.lifecycle.phase != .gone { store.save(instance) }
        retained.note(instance)
        if let line = instance.takeLogLine() { Log.note(line) }
        for event in next { feed(event, to: instance) }
        admitNext()
    }

    /// - Returns: an event that follows at once.
    private func perform(_ action: InstanceLifecycle.Action, on instance: Instance) -> InstanceLifecycle.Event? {
        switch action {
        case .queue: turns.add(instance.id)
        case .askStart: askStart(instance)
        case .askInspect: askInspect(instance)
        case .askKill: askKill(instance)
        case .askForget: askForget(instance)
        case .askProcess: return askProcess(instance)
        case .askProcessStart: askProcessStart(instance)
        case .askAgain: instance.step.askAgain(by: requests)
        case .awaitOnline:
            refreshReadiness(of: instance)
            return instance.isReady ? .online : nil
        case .clear: clear(instance)
        case .clearState: clearState(of: instance)
        case .save:
            let isNew = !instance.lifecycle.isCommitted && instance.lifecycle.want == .up
            if !instance.isUnfiled { store.countChange() }
            if !store.save(instance), isNew { return .notSaved(Failure(.internal, "its state can't be saved")) }
        case .adopt: adoptFound(instance)
        case .renew:
            if let old = instance.renew(generations.next()) { directory.noteEnd(of: [old]) }
        case .drop: drop(instance)
        case .answerCreate(let failure):
            retained.tell(instance)
            instance.answer(.create, failure.map { .failed($0) } ?? instance.created)
        case .answerReset(let failure):
            retained.tell(instance)
            instance.answer(.reset, failure.map { .failed($0) } ?? .reset)
            // A creation that succeeded before a crash and was not answered.
            if failure == nil { instance.answer(.create, instance.created) }
        case .answerRemove(let failure):
            retained.tell(instance)
            instance.answer(.remove, failure.map { .failed($0) } ?? .removed)
        case .note(let failure): instance.note(failure)
        case .await(let deadline): expect(deadline, of: instance)
        case .cancelDeadline: instance.step.cancelDeadline(on: loop)
        }
        return nil
    }

    private func expect(_ deadline: InstanceLifecycle.Deadline, of instance: Instance) {
        let seconds =
            switch deadline {
            case .step: configuration.stepTimeout
            case .boot: configuration.bootTimeout
            case .retry: Limits.stepRetry
            }
        instance.step.await(seconds, on: loop) { [weak self, weak instance] in
            guard let self, let instance else { return }
            feed(.deadlinePassed, to: instance)
        }
    }

    /// Clears the retained topics of an instance, and then feeds `cleared`.
    private func clear(_ instance: Instance) {
        // Another instance may use the name of an unfiled one by now.
        if instance.isUnfiled, store[instance.id] != nil { return feed(.cleared, to: instance) }
        cleaner.clear(instance.id) { [weak self] in self?.clearState(of: instance) }
    }

    /// The state is cleared last: its echo shows that all other topics have been cleared. An unfiled instance has no state topic.
    private func clearState(of instance: Instance) {
        if instance.isUnfiled { return feed(.cleared, to: instance) }
        retained.clearState(instance.kind, instance.id)
    }

    private func drop(_ instance: Instance) {
        instance.step.end(requests, loop)
        if instance.isUnfiled, let host = instance.record.host { return settle(instance, on: host) }
        Log.note(instance.farewell)
        store.remove(instance)
        turns.remove(instance.id)
        retained.forget(instance.id)
        if instance.lifecycle.isForeign, let host = instance.record.host {
            return look(at: HostedID(host: host, id: instance.id))
        }
        // Its nodes and VMs ended with it.
        for inner in store.all where inner.record.host == instance.id { feed(.hostLost, to: inner) }
    }
}
