import Model

/// The steps that ``handle(_:decision:)`` consists of.
extension ProcessLifecycle {
    /// The first phase of a start.
    var firstPhase: Phase { hasDependencies ? .waiting : .starting }

    /// Enters a phase. Every transition calls this, so that the deadline and the health checks of the old phase always
    /// end.
    ///
    /// - Parameter isDue: the deadline has just passed, so it need not be cancelled.
    mutating func enter(_ next: Phase, isDue: Bool = false) -> [Action] {
        var actions: [Action] = []
        if phase.hasDeadline, !isDue { actions.append(.cancelDeadline) }
        if phase == .running { actions.append(.ignoreHealth) }
        phase = next
        switch next {
        case .waiting: actions.append(.awaitDependencies)
        case .scheduled: actions.append(.awaitSchedule)
        case .starting: actions.append(.spawn)
        case .warming: actions.append(.awaitReady)
        case .running: actions.append(.watchHealth)
        case .terminating: actions += [.terminate, .awaitGrace]
        case .killing: actions += [.kill, .awaitKill]
        case .backoff: if case .restarts(let delay) = decision { actions.append(.awaitBackoff(delay)) }
        case .idle, .exited, .failed: break
        }
        // The decision has been carried out.
        if !hasTree, next != .backoff, next != .failed { decision = nil }
        if next != .waiting, next != .starting { isRequested = false }
        return actions
    }

    /// Handles a request to start.
    mutating func request(_ next: Phase) -> [Action] {
        want = .up
        isRequested = true
        decision = nil
        return enter(next)
    }

    /// Handles a request to stop when there are no processes.
    mutating func end() -> [Action] {
        want = .down
        return enter(.exited)
    }

    /// Stores the restart decision for a run that ends by itself; it is carried out when the tree is empty.
    mutating func follow(_ decision: RestartDecision) {
        if decision == .staysEnded, !isPeriodic { want = .down }
        // A periodic process waits for its next time, whatever the end of the run was.
        self.decision = isPeriodic ? .staysEnded : decision
    }

    /// Handles an empty tree.
    mutating func gone() -> [Action] {
        guard want == .up else { return enter(.exited) }
        switch decision {
        // Only periodic processes: for others, `follow` has set `want` to down.
        case .staysEnded: return enter(.scheduled)
        case .restarts: return enter(.backoff)
        case .givesUp: return enter(.failed)
        case nil: return request(firstPhase)
        }
    }

    mutating func adopt(_ remains: Remains, _ want: Want, _ next: RestartDecision) -> [Action] {
        self.want = want
        switch remains {
        case .ready, .unready:
            guard want == .up else { return enter(.terminating) }
            return enter(remains == .unready && showsReadiness ? .warming : .running)
        case .stopping(let decision):
            if want == .up, let decision { follow(decision) }
            return enter(.terminating)
        case .ended:
            guard want == .up else { return enter(.exited) }
            follow(next)
            return gone()
        case .judged(let decision):
            follow(decision)
            return gone()
        case .absent:
            guard want == .up else { return enter(.exited) }
            return enter(isPeriodic ? .scheduled : firstPhase)
        case .failed(let decision):
            self.decision = decision
            return enter(.failed)
        }
    }
}
