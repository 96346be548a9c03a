import Model

/// What the table is made of.
extension ProcessLifecycle {
    /// Where a start begins.
    var firstPhase: Phase { hasDependencies ? .waiting : .starting }

    /// Every transition goes through here, so that each phase is left as tidily as it is entered.
    ///
    /// - Parameter isDue: its deadline has just passed, so that there is none to cancel.
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
        // Then it has been carried out.
        if !hasTree, next != .backoff, next != .failed { decision = nil }
        if next != .waiting, next != .starting { isRequested = false }
        return actions
    }

    /// Somebody wants it up.
    mutating func request(_ next: Phase) -> [Action] {
        want = .up
        isRequested = true
        decision = nil
        return enter(next)
    }

    /// Somebody wants it down, and there is nothing to stop.
    mutating func end() -> [Action] {
        want = .down
        return enter(.exited)
    }

    /// A run ends by itself: what follows is decided now, and happens when all of it is gone.
    mutating func conclude(_ end: RunEnd.Kind, _ judge: (RunEnd.Kind) -> RestartDecision) {
        follow(judge(end))
    }

    mutating func follow(_ decision: RestartDecision) {
        if decision == .staysEnded, !isPeriodic { want = .down }
        // A periodic one starts at its next time, however a run went.
        self.decision = isPeriodic ? .staysEnded : decision
    }

    /// Nothing of it is left.
    mutating func gone() -> [Action] {
        guard want == .up else { return enter(.exited) }
        switch decision {
        // Others are wanted down by now.
        case .staysEnded: return enter(.scheduled)
        case .restarts: return enter(.backoff)
        case .givesUp: return enter(.failed)
        case nil: return request(firstPhase)
        }
    }

    mutating func adopt(_ remains: Remains, _ want: Want, _ judge: (RunEnd.Kind) -> RestartDecision) -> [Action] {
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
            conclude(.exited, judge)
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
