import Cluster
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// All nodes and VMs: feeds their machines, and performs what these decide.
final class Instances {
    let loop: EventLoop
    private(set) var configuration: ClusterConfiguration
    let store: StateDirectory
    let requests: AgentRequests
    /// Random, and this start's.
    let generations: Generations
    var hosts = HostTable()
    var byID: [HostName: Instance] = [:]
    /// What is being removed from hosts because nobody knows it.
    var strays: [HostedID: Instance] = [:]
    /// What hosts run by the drivers of nodes and VMs, whoever has started it; and what of it is not ours.
    var hosted: [HostedID: InstanceKind] = [:]
    var foreign: Set<HostedID> = []
    /// Bytes that VMs among them may take.
    var hostedMemory: [HostedID: Int] = [:]
    /// What a pm-cluster has started and no file tells of.
    var orphans: [HostedID: Orphan] = [:]
    /// Whether the broker knew of no state directory when this one was read.
    var isUnverified = false
    /// Whether all that an earlier pm-cluster has left is known.
    private(set) var hasRecovered = false
    var queue: LaunchQueue
    var lostTimers: [HostName: TimerID] = [:]
    var offlineSince: OfflineSince
    /// When hosts said something last, as the broker had it when it was asked.
    var lastWords: [HostName: Double] = [:]
    /// Whether this pm-cluster is the one that acts.
    var isActing = false
    private var isRetrying = false
    /// Tells requests that wait for the same node or VM from each other.
    var lastRequest = 0
    var isAdmitting = false

    /// Tells of what others are to see, soon; and at once, before somebody is answered.
    var changed: (Instance) -> Void = { _ in }
    var tell: (Instance) -> Void = { _ in }
    /// Takes away what is retained of it, and feeds `cleared`.
    var clear: (Instance, _ all: Bool) -> Void = { _, _ in }
    var gone: (Instance) -> Void = { _ in }
    /// Takes away what is retained under a name; and the state of what is in no file.
    var clearTopics: (HostName) -> Void = { _ in }
    var clearLeftState: (InstanceKind, HostName) -> Void = { _, _ in }
    var healthChanged: () -> Void = {}

    init(_ configuration: ClusterConfiguration, store: StateDirectory, requests: AgentRequests, loop: EventLoop) {
        self.configuration = configuration
        self.store = store
        self.requests = requests
        self.loop = loop
        generations = Generations(clusterID: store.clusterID)
        offlineSince = store.readAbsences()
        queue = LaunchQueue(limit: configuration.launches)
    }

    /// What may change while it runs; what waits already waits by the new settings.
    func adopt(_ configuration: ClusterConfiguration) {
        self.configuration = configuration
        queue.limit = configuration.launches
        for (host, timer) in lostTimers {
            loop.cancel(timer)
            lostTimers[host] = nil
            expectLoss(of: host)
        }
        admitNext()
    }

    var all: [Instance] { byID.values.sorted { $0.id < $1.id } }

    /// Takes up what an earlier pm-cluster has left.
    ///
    /// - Parameter retained: how far a state directory had come that the broker has heard of.
    func recover(_ retained: StateMark?, resume: (InstanceKind, PendingRequest) -> Instance.Reply) {
        compare(with: retained)
        for (host, time) in lastWords { offlineSince.note(host, heardAt: min(time, WallClock.now)) }
        lastWords = [:]
        for record in store.takeRecords() {
            let (lifecycle, actions) = InstanceLifecycle.recover(
                want: record.want, isCommitted: record.isCommitted, hasHost: record.host != nil,
                hasProcess: record.kind == .vm, isDoubtful: isDoubtful(record.kind) || record.isDoubtful)
            let instance = Instance(record, lifecycle)
            // Before it was killed, it may not have come to ask what that is.
            instance.isLearning = record.isAdopted && record.kind == .vm
            instance.isUnsaved = lifecycle.isDoubtful != record.isDoubtful
            byID[record.id] = instance
            for index in record.pending.indices {
                instance.record.pending[index].number = nextNumber()
                let request = instance.record.pending[index]
                instance.await(recorded: request, limited(request, of: instance, resume(record.kind, request)))
            }
            if !record.isCommitted, lifecycle.want == .down {
                let failure = Failure(.internal, "pm-cluster was started anew before it was up: it is removed")
                instance.trouble = failure
                instance.answer(.create, .failed(failure))
            }
            let unknown = "pm-cluster was started anew meanwhile: the process may have been started"
            instance.answer(.run, .failed(Failure(.internal, unknown)))
            refreshReadiness(of: instance)
            if instance.isReady { instance.session = hosts[instance.id]?.load?.session }
            if let host = record.host { hosts.expect(host, at: Instant.now.seconds) }
            perform(actions, on: instance)
            guard let host = record.host, hosts.presence(of: host) != .online else { continue }
            expectLoss(of: host)
            if hosts.presence(of: host) == .offline { feed(.hostOffline, to: instance) }
        }
        expectWords()
        // Who has come back meanwhile, or has nothing left to lose.
        for host in offlineSince.since.keys where lostTimers[host] == nil { noteReturn(of: host) }
        hasRecovered = true
        lookForLeftovers()
    }

    private func lookForLeftovers() {
        for hostedID in hosted.keys { look(at: hostedID) }
        for host in hosts.all { clearGhost(host.name) }
    }

    /// After a time without the broker: what may not have arrived is asked again.
    func goOn(_ retained: StateMark?) {
        compare(with: retained)
        lastWords = [:]
        for instance in all + strays.values {
            switch instance.record.host.map({ hosts.presence(of: $0) }) {
            case .online: feed(.hostOnline, to: instance)
            case .offline: feed(.hostOffline, to: instance)
            case .unknown, nil: break
            }
            let wasReady = instance.isReady
            refreshReadiness(of: instance)
            if wasReady != instance.isReady {
                feed(instance.isReady ? .online : .offline, to: instance)
            } else if instance.isReady, instance.session == nil {
                // It may have gone and come back meanwhile, and there is nothing to tell it by.
                feed(.online, to: instance)
            }
        }
        lookForLeftovers()
        admitNext()
    }

    // MARK: Events

    func feed(_ event: InstanceLifecycle.Event, to instance: Instance) {
        perform(instance.lifecycle.handle(event), on: instance)
    }

    func perform(_ actions: [InstanceLifecycle.Action], on instance: Instance) {
        var next: [InstanceLifecycle.Event] = []
        for action in actions {
            // Before its host is asked, it must be known what for.
            if action == .askStart, !next.isEmpty { continue }
            if let event = perform(action, on: instance) { next.append(event) }
        }
        if instance.isUnsaved, instance.lifecycle.phase != .gone { save(instance) }
        changed(instance)
        log(instance)
        for event in next { feed(event, to: instance) }
        admitNext()
    }

    /// What somebody who looks for the reason of something looks for.
    private func log(_ instance: Instance) {
        let state = instance.lifecycle.state
        if state == .starting { instance.logged = nil }
        guard !instance.isStray, state != instance.logged, [.running, .down, .failed].contains(state) else { return }
        instance.logged = state
        let host = instance.record.host.map { " on \($0)" } ?? ""
        let reason = state == .running ? nil : instance.trouble?.detail
        Log.note("\(instance.title) is \(state.rawValue)\(host)\(reason.map { ": \($0)" } ?? "")")
    }

    /// - Returns: what follows at once.
    private func perform(_ action: InstanceLifecycle.Action, on instance: Instance) -> InstanceLifecycle.Event? {
        switch action {
        case .queue: queue.add(instance.id)
        case .askStart: askStart(instance)
        case .askInspect: askInspect(instance)
        case .askKill: askKill(instance)
        case .askForget: askForget(instance)
        case .askProcess: return askProcess(instance)
        case .askProcessStart: askProcessStart(instance)
        case .askAgain: if let request = instance.request { requests.sendAgain(request.message) }
        case .awaitOnline:
            refreshReadiness(of: instance)
            return instance.isReady ? .online : nil
        case .clear: clear(instance, true)
        case .clearState: clear(instance, false)
        case .save:
            let isNew = !instance.lifecycle.isCommitted && instance.lifecycle.want == .up
            if !instance.isStray { countChange() }
            if !save(instance), isNew { return .notSaved(Failure(.internal, "its state can't be saved")) }
        case .adopt: learn(instance)
        case .renew:
            renew(instance)
        case .drop: drop(instance)
        case .answerCreate(let failure):
            tell(instance)
            instance.answer(.create, failure.map { .failed($0) } ?? instance.created)
        case .answerReset(let failure):
            tell(instance)
            instance.answer(.reset, failure.map { .failed($0) } ?? .reset)
            // It was up before a crash, and nobody was told.
            if failure == nil { instance.answer(.create, instance.created) }
        case .answerRemove(let failure):
            tell(instance)
            instance.answer(.remove, failure.map { .failed($0) } ?? .removed)
        case .note(let failure): instance.trouble = failure
        case .await(let deadline): expect(deadline, of: instance)
        case .cancelDeadline:
            loop.cancel(instance.deadline)
            instance.deadline = nil
        }
        return nil
    }

    private func renew(_ instance: Instance) {
        instance.record.replaced.append(instance.record.generation)
        if instance.record.replaced.count > Limits.replacedGenerations {
            store.noteEnd(of: [instance.record.replaced.removeFirst()])
        }
        instance.record.generation = generations.next()
        instance.record.isAdopted = false
        instance.isReady = false
        // From now on it is what the file says.
        instance.isLearning = false
    }

    private func expect(_ deadline: InstanceLifecycle.Deadline, of instance: Instance) {
        loop.cancel(instance.deadline)
        let seconds =
            switch deadline {
            case .step: configuration.stepTimeout
            case .boot: configuration.bootTimeout
            case .retry: Limits.stepRetry
            }
        instance.deadline = loop.after(.seconds(seconds)) { [weak self, weak instance] in
            guard let self, let instance else { return }
            feed(.deadlinePassed, to: instance)
        }
    }

    @discardableResult
    func save(_ instance: Instance) -> Bool {
        guard !instance.isStray else { return true }
        mendDirectory()
        note(instance)
        instance.isUnsaved = !store.save(instance.record)
        if instance.isUnsaved { retrySaving() }
        return !instance.isUnsaved
    }

    func note(_ instance: Instance) {
        instance.record.want = instance.lifecycle.want
        instance.record.isCommitted = instance.lifecycle.isCommitted
        instance.record.isDoubtful = instance.lifecycle.isDoubtful
    }

    /// A disk that is full now need not be so for ever.
    private func retrySaving() {
        guard !isRetrying else { return }
        isRetrying = true
        loop.after(.seconds(Limits.stateRetry)) { [weak self] in
            guard let self else { return }
            isRetrying = false
            for instance in all where instance.isUnsaved { save(instance) }
        }
    }

    private func drop(_ instance: Instance) {
        requests.cancel(instance.request?.id)
        loop.cancel(instance.deadline)
        if instance.isStray, let host = instance.record.host { return drop(instance, on: host) }
        Log.note(Self.farewell(instance))
        if !instance.lifecycle.isForeign { store.noteEnd(of: [instance.record.generation] + instance.record.replaced) }
        countChange()
        store.remove(instance.record)
        queue.remove(instance.id)
        byID[instance.id] = nil
        gone(instance)
        if instance.lifecycle.isForeign, let host = instance.record.host {
            return look(at: HostedID(host: host, id: instance.id))
        }
        // They ended with it.
        for inner in all where inner.record.host == instance.id { feed(.hostLost, to: inner) }
    }
}
