import Model
import Supervision

/// The worker in a simulation: performs actions and saves records.
extension Simulation {
    mutating func hear(_ event: ProcessLifecycle.Event) {
        note("\(lifecycle.phase) \(event)")
        seen.insert(lifecycle.phase)
        let end = lifecycle.runEnd(at: event).map { kind -> RunEnd in
            switch kind {
            case .exited: .exited(kernel.status)
            case .spawnFailed: .spawnFailed(reason: "no such file or directory")
            case .notReady: .notReady(within: Limits.readyTimeout)
            case .unhealthy: .unhealthy(reason: "x")
            }
        }
        let jitter = Double.random(in: 0..<1, using: &seed)
        let duration = lifecycle.phase == .running ? Double.random(in: 0...20, using: &seed) : 0
        let decision = end.map { history.decision(for: $0, after: duration, rules: rules, at: now, jitter: jitter) }
        let actions = lifecycle.handle(event, decision: decision ?? .staysEnded)
        if let end, let decision { check(end, decision) }
        for action in actions { perform(action) }
        write()
        checkPhase()
    }

    private mutating func check(_ end: RunEnd, _ decision: RestartDecision) {
        check("given up after \(end)", !decision.isGivingUp || end.isFailure)
        guard decision.isRestart else { return }
        check("restarted under the policy never", rules.policy != .never)
        guard end.isFailure else { return }
        restarts.append(now)
        guard !hasForgotten, rules.startLimit > 0 else { return }
        let recent = restarts.filter { rules.startInterval == 0 || $0 > now - rules.startInterval }
        check("\(recent.count) restarts, \(rules.startLimit) allowed", recent.count <= rules.startLimit)
    }

    private mutating func perform(_ action: ProcessLifecycle.Action) {
        switch action {
        case .spawn: spawn()
        case .terminate:
            terminatedAt = now
            kernel.terminate()
        case .kill: kernel.kill(forked: isCalm ? 0 : Int.random(in: 0..<3, using: &seed))
        case .watchHealth: isWatched = true
        case .ignoreHealth: isWatched = false
        case .awaitDependencies: break
        case .awaitSchedule: arm(60)
        case .awaitBackoff(let delay):
            let least = min(rules.delay, rules.maximumDelay) * 0.75
            check("a delay of \(delay) s", delay >= least && delay <= rules.maximumDelay)
            arm(delay)
        case .awaitReady: arm(Limits.readyTimeout)
        case .awaitGrace: arm(grace)
        case .awaitKill: arm(Limits.killRecheck)
        case .cancelDeadline:
            check("cancelled no deadline", deadline != nil)
            deadline = nil
        }
    }

    private mutating func arm(_ seconds: Double) {
        check("a second deadline", deadline == nil)
        deadline = (now + seconds, lifecycle.phase)
    }

    private mutating func spawn() {
        check("started twice", !kernel.isAnythingAlive)
        check("started after a stop", !isUnwanted)
        guard isCalm || !chance(4) else { return hear(.spawnFailed) }
        kernel.launch(ignoringTerm: chance(3))
        let isOnce = rules.policy == .never && !traits.isPeriodic && !hasForgotten
        check("run \(kernel.launches), \(allowedLaunches) allowed", !isOnce || kernel.launches <= allowedLaunches)
        // The worker may be killed before it has saved the launch.
        isDiskFull = isDiskFull || chance(20)
        hear(.spawned)
    }

    private mutating func write() {
        if !isDiskFull { disk = Kept(record: lifecycle.record, history: history) }
    }

    /// A new worker adopts the process. It knows only the saved record and what the kernel shows.
    mutating func adopt() {
        note("adopts \(disk.record.phase), main process \(kernel.isMainAlive), others \(kernel.others)")
        lifecycle = ProcessLifecycle(
            hasDependencies: traits.hasDependencies, showsReadiness: traits.showsReadiness,
            isPeriodic: traits.isPeriodic)
        history = RestartHistory(disk.history.restarts, streak: disk.history.streak)
        deadline = nil
        isWatched = false
        if hasForgotten { isUnwanted = false }
        let events = disk.record.events(mainLives: kernel.isMainAlive, treeIsEmpty: kernel.others == 0)
        for event in events { hear(event) }
    }

    private mutating func checkPhase() {
        let phase = lifecycle.phase
        check("\(phase), alive: \(kernel.isAnythingAlive)", lifecycle.hasTree == kernel.isAnythingAlive)
        let needsDeadline = [.scheduled, .warming, .terminating, .killing, .backoff].contains(phase)
        check("\(phase), deadline: \(deadline != nil)", needsDeadline == (deadline != nil))
        check("watched in \(phase)", isWatched == (phase == .running))
        check("\(phase) and unwanted", lifecycle.want == .up || !lifecycle.isLive || lifecycle.hasTree)
    }
}

extension RestartDecision {
    fileprivate var isRestart: Bool { if case .restarts = self { true } else { false } }
    fileprivate var isGivingUp: Bool { if case .givesUp = self { true } else { false } }
}
