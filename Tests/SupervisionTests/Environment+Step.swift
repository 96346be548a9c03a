import Model
import Supervision

extension Environment {
    /// A step that can happen next, with the restart decision that is made if it ends the run.
    enum Step: Hashable {
        case start, stop, restart
        /// An earlier worker left the process like this.
        case adoption(Adoption, RestartDecision)
        case dependenciesReady
        case spawnSucceeds
        case spawnFails(RestartDecision)
        case becomesReady
        case turnsUnhealthy(RestartDecision)
        case mainExitsLast(RestartDecision)
        case mainExitsBeforeOthers(RestartDecision)
        case lastOtherExits
        case deadlinePasses(RestartDecision)
        /// The main process forks; there is no event.
        case mainForks

        static let verdicts: [RestartDecision] = [.staysEnded, .restarts(after: 0.5), .givesUp(reason: "10 restarts")]

        static let all: [Step] =
            [
                .start, .stop, .restart, .dependenciesReady, .spawnSucceeds, .becomesReady, .lastOtherExits,
                .mainForks,
            ]
            + verdicts.flatMap { decision -> [Step] in
                [
                    .spawnFails(decision), .turnsUnhealthy(decision), .mainExitsLast(decision),
                    .mainExitsBeforeOthers(decision), .deadlinePasses(decision),
                ]
            }

        static let adoptions = verdicts.flatMap { decision in Adoption.all.map { Step.adoption($0, decision) } }

        var decision: RestartDecision? {
            switch self {
            case .adoption(_, let decision), .spawnFails(let decision), .turnsUnhealthy(let decision),
                .mainExitsLast(let decision), .mainExitsBeforeOthers(let decision), .deadlinePasses(let decision):
                decision
            default: nil
            }
        }

        /// The kind of end that the step causes.
        var end: RunEnd.Kind? {
            switch self {
            case .adoption, .mainExitsLast, .mainExitsBeforeOthers: .exited
            case .spawnFails: .spawnFailed
            case .turnsUnhealthy: .unhealthy
            case .deadlinePasses: .notReady
            default: nil
            }
        }

        var isRequest: Bool { [.start, .stop, .restart].contains(self) }
    }

    struct Adoption: Hashable {
        let remains: ProcessLifecycle.Remains
        let want: Want
        var mainLives = false
        var hasOthers = false

        var isJudged: Bool { remains == .ended && want == .up }

        static let all: [Adoption] = [Want.up, .down].flatMap { want -> [Adoption] in
            let verdicts: [RestartDecision?] = want == .up ? [nil] + Step.verdicts : [nil]
            let living: [ProcessLifecycle.Remains] = [.ready, .unready] + verdicts.map { .stopping($0) }
            let gone: [ProcessLifecycle.Remains] =
                [.ended, .absent, .failed(nil)] + verdicts.compactMap { $0.map { .judged($0) } }
            let others = living.flatMap { remains in
                [false, true].map { Adoption(remains: remains, want: want, mainLives: true, hasOthers: $0) }
            }
            let remnants = verdicts.map { Adoption(remains: .stopping($0), want: want, hasOthers: true) }
            return others + remnants + gone.map { Adoption(remains: $0, want: want) }
        }
    }

    /// Applies the step to the environment.
    ///
    /// - Returns: the event that the lifecycle receives; nil for none.
    mutating func happen(_ step: Step) -> ProcessLifecycle.Event? {
        switch step {
        case .start:
            if isStopping { sequel = traits.isPeriodic ? .scheduled : .asWanted }
            let isSparedOrLater = [.scheduled, .warming, .running].contains(lifecycle.phase) || sequel == .scheduled
            if !isSparedOrLater { isAsked = true }
            return .start
        case .stop:
            sequel = .asWanted
            return .stop
        case .restart:
            isAsked = true
            sequel = .asWanted
            return .restart
        case .adoption(let adoption, let decision):
            isMainAlive = adoption.mainLives
            hasOthers = adoption.hasOthers
            switch adoption.remains {
            case .ended: sequel = traits.isPeriodic ? .scheduled : .by(decision)
            case .judged(let decision), .stopping(let decision?):
                sequel = traits.isPeriodic ? .scheduled : .by(decision)
            case .stopping(nil): isAsked = true
            case .ready, .unready, .absent, .failed: break
            }
            return .adopted(adoption.remains, want: adoption.want)
        case .dependenciesReady: return .dependenciesReady
        case .spawnSucceeds:
            isSpawnPending = false
            isMainAlive = true
            isAsked = false
            sequel = .asWanted
            return .spawned
        case .spawnFails(let decision):
            conclude(step, decision)
            isSpawnPending = false
            return .spawnFailed
        case .becomesReady: return .ready
        case .turnsUnhealthy(let decision):
            if decision != .staysEnded { conclude(step, decision) }
            return .unhealthy
        case .mainExitsLast(let decision):
            conclude(step, decision)
            isMainAlive = false
            return .mainExited(treeIsEmpty: true)
        case .mainExitsBeforeOthers(let decision):
            conclude(step, decision)
            isMainAlive = false
            return .mainExited(treeIsEmpty: false)
        case .lastOtherExits:
            hasOthers = false
            return .treeEmptied
        case .deadlinePasses(let decision):
            conclude(step, decision)
            if deadline == .ready, traits.isPeriodic { sequel = .scheduled }
            if deadline == .schedule || deadline == .backoff {
                isAsked = false
                sequel = .asWanted
            }
            deadline = nil
            return .deadlinePassed
        case .mainForks:
            hasOthers = true
            return nil
        }
    }

    private mutating func conclude(_ step: Step, _ decision: RestartDecision) {
        if isJudged(step) { sequel = .by(decision) }
        let isOwnEnd = step.end == .exited && !isStopping || step.end == .spawnFailed
        if traits.isPeriodic, isOwnEnd { sequel = .scheduled }
    }
}
