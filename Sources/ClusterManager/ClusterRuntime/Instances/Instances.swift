import Cluster
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// All nodes and VMs of the fleet: feeds events to their lifecycles and performs the resulting actions.
///
/// `ClusterService` passes in the requests and all messages about hosts, which are only remembered while `isActing` is
/// false. `recover` runs when pm-cluster becomes active for the first time, `goOn` each later time. An instance with a
/// file is in `byID`. What a host runs without a file is a stray until its host was asked, and then removed, an orphan
/// or foreign.
final class Instances {
    let loop: EventLoop
    private(set) var configuration: ClusterConfiguration
    let store: StateDirectory
    let requests: AgentRequests
    let leadership: Leadership
    /// Creates generations for this state directory.
    let generations: Generations
    var hosts = HostTable()
    var byID: [HostName: Instance] = [:]
    /// Instances without a file that are being inspected or removed.
    var strays: [HostedID: Instance] = [:]
    /// All that hosts run by the drivers of nodes and VMs; `foreign` are those that were inspected and are left alone.
    var hosted: [HostedID: InstanceKind] = [:]
    var foreign: Set<HostedID> = []
    /// Bytes that the VMs in `hosted` may use.
    var hostedMemory: [HostedID: Int] = [:]
    /// Instances of a pm-cluster that have no file here.
    var orphans: [HostedID: Orphan] = [:]
    /// Whether the broker retained no state mark when pm-cluster became active for the first time.
    var isUnverified = false
    /// Whether the files of an earlier pm-cluster have been taken over.
    private(set) var hasRecovered = false
    var queue: LaunchQueue
    var lostTimers: [HostName: TimerID] = [:]
    var offlineSince: OfflineSince
    /// When hosts published their health last, in seconds since the epoch; filled until this pm-cluster is active.
    var lastWords: [HostName: Double] = [:]
    private var isRetrying = false
    /// The number of the last request that was added to an instance.
    var lastRequest = 0
    var isAdmitting = false

    /// Publish the state of an instance: `changed` soon, `tell` at once, as before an answer.
    var changed: (Instance) -> Void = { _ in }
    var tell: (Instance) -> Void = { _ in }
    /// Clears the retained topics of an instance and feeds `cleared`; without `all`, only its state topic.
    var clear: (Instance, _ all: Bool) -> Void = { _, _ in }
    var gone: (Instance) -> Void = { _ in }
    /// Clear the retained topics of a name, and the state topic of an instance that has no file.
    var clearTopics: (HostName) -> Void = { _ in }
    var clearLeftState: (InstanceKind, HostName) -> Void = { _, _ in }
    var healthChanged: () -> Void = {}

    init(
        _ configuration: ClusterConfiguration, store: StateDirectory, requests: AgentRequests, leadership: Leadership,
        loop: EventLoop
    ) {
        self.configuration = configuration
        self.store = store
        self.requests = requests
        self.leadership = leadership
        self.loop = loop
        generations = Generations(clusterID: store.clusterID)
        offlineSince = store.readAbsences()
        queue = LaunchQueue(limit: configuration.launches)
    }

    /// Takes over changed settings. Hosts that are offline already get the new time.
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

    /// Takes over the files of an earlier pm-cluster.
    ///
    /// - Parameter retained: the state mark that the broker retains.
    func recover(_ retained: StateMark?, resume: (InstanceKind, PendingRequest) -> Instance.Reply) {
        compare(with: retained)
        for (host, time) in lastWords { offlineSince.note(host, heardAt: min(time, WallClock.now)) }
        lastWords = [:]
        for record in store.takeRecords() {
            let (lifecycle, actions) = InstanceLifecycle.recover(
                want: record.want, isCommitted: record.isCommitted, hasHost: record.host != nil,
                hasProcess: record.kind == .vm, isMismatched: isMismatched(record.kind) || record.isMismatched)
            let instance = Instance(record, lifecycle)
            // The earlier pm-cluster may have been killed before it learned the process.
            instance.isLearning = record.isAdopted && record.kind == .vm
            instance.isUnsaved = lifecycle.isMismatched != record.isMismatched
            byID[record.id] = instance
            for index in record.pending.indices {
                instance.record.pending[index].number = nextNumber()
                let request = instance.record.pending[index]
                instance.await(recorded: request, limited(request, of: instance, resume(record.kind, request)))
            }
            if !record.isCommitted, lifecycle.want == .down {
                let failure = Failure(.internal, "pm-cluster was restarted before it was up: it is removed")
                instance.trouble = failure
                instance.answer(.create, .failed(failure))
            }
            let unknown = "pm-cluster was restarted: the process may have been started"
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
        // Hosts that are online again or have no instances.
        for host in offlineSince.since.keys where lostTimers[host] == nil { noteReturn(of: host) }
        hasRecovered = true
        lookForLeftovers()
    }

    private func lookForLeftovers() {
        for hostedID in hosted.keys { look(at: hostedID) }
        for host in hosts.all { clearGhost(host.name) }
    }

    /// Called when pm-cluster is active again after an outage: requests that may be lost are repeated.
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
                // Without a session, a restart of the agent during the outage can't be noticed.
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
            // If saving failed, the host must not be asked: after a crash, the request would be unknown.
            if action == .askStart, !next.isEmpty { continue }
            if let event = perform(action, on: instance) { next.append(event) }
        }
        if instance.isUnsaved, instance.lifecycle.phase != .gone { save(instance) }
        changed(instance)
        log(instance)
        for event in next { feed(event, to: instance) }
        admitNext()
    }

    /// Logs the states that explain later events.
    private func log(_ instance: Instance) {
        let state = instance.lifecycle.state
        if state == .starting { instance.logged = nil }
        guard !instance.isStray, state != instance.logged, [.running, .down, .failed].contains(state) else { return }
        instance.logged = state
        let host = instance.record.host.map { " on \($0)" } ?? ""
        let reason = state == .running ? nil : instance.trouble?.detail
        Log.note("\(instance.title) is \(state.rawValue)\(host)\(reason.map { ": \($0)" } ?? "")")
    }

    /// - Returns: an event that follows at once.
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
            // A creation that succeeded before a crash and was not answered.
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
        // The process is started from the file again.
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
        instance.record.isMismatched = instance.lifecycle.isMismatched
    }

    /// Saves again later, for example after the disk was full.
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
        // Its nodes and VMs ended with it.
        for inner in all where inner.record.host == instance.id { feed(.hostLost, to: inner) }
    }
}
