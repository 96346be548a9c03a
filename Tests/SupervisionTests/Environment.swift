import Model
import Supervision

/// All that surrounds a process machine, as small as it can be: it produces exactly the events that can really happen,
/// and says which rule an action or a state breaks.
struct Environment: Hashable {
    let traits: Traits
    var lifecycle: ProcessLifecycle
    var isNew = true
    var isSpawnPending = false
    var isLeaderAlive = false
    var hasOthers = false
    var deadline: Deadline?
    var isWatched = false
    var isUnderKill = false
    /// A second opinion of what the machine remembers: whether the stop signal is out, whether somebody waits for the
    /// start under way, and what has been said about what follows.
    var isStopping = false
    var isAsked = false
    var sequel = Sequel.asWanted

    enum Deadline: Hashable { case schedule, backoff, ready, grace, kill }

    enum Sequel: Hashable {
        /// Started afresh, or left alone.
        case asWanted
        case scheduled
        case by(RestartDecision)
    }

    struct Traits: Hashable, CaseIterable {
        var hasDependencies = false
        var showsReadiness = false
        var isPeriodic = false

        static let allCases = [false, true].flatMap { hasDependencies in
            [false, true].flatMap { showsReadiness in
                [false, true].map {
                    Traits(hasDependencies: hasDependencies, showsReadiness: showsReadiness, isPeriodic: $0)
                }
            }
        }
    }

    init(_ traits: Traits) {
        self.traits = traits
        lifecycle = ProcessLifecycle(
            hasDependencies: traits.hasDependencies, showsReadiness: traits.showsReadiness,
            isPeriodic: traits.isPeriodic)
    }

    var isAnythingAlive: Bool { isLeaderAlive || hasOthers }

    var legalSteps: [Step] { (isNew ? Step.all + Step.adoptions : Step.all).filter(isLegal) }

    private func isLegal(_ step: Step) -> Bool {
        if let decision = step.decision, decision != .staysEnded, !isJudged(step) { return false }
        switch step {
        // A spawn is synchronous: no request gets between it and its outcome, but the machine must not rely on it.
        case .start, .stop, .restart: return true
        case .adoption: return isNew
        case .dependenciesReady: return lifecycle.phase == .waiting
        case .spawnSucceeds, .spawnFails: return isSpawnPending
        case .becomesReady: return lifecycle.phase == .warming && isLeaderAlive
        case .turnsUnhealthy: return isWatched
        case .leaderExitsLast: return isLeaderAlive && !hasOthers
        case .leaderExitsBeforeOthers: return isLeaderAlive && hasOthers
        case .lastOtherExits: return !isLeaderAlive && hasOthers
        case .deadlinePasses: return deadline != nil
        case .leaderForks: return isLeaderAlive && !hasOthers
        }
    }

    /// Whether it is a run's end that nobody asked for, so that its verdict counts.
    func isJudged(_ step: Step) -> Bool {
        switch step {
        case .spawnFails: return isSpawnPending && lifecycle.want == .up && (!isAsked || traits.isPeriodic)
        case .leaderExitsLast, .leaderExitsBeforeOthers: return isLeaderAlive && !isStopping
        case .deadlinePasses: return deadline == .ready
        case .turnsUnhealthy: return isWatched && !traits.isPeriodic
        case .adoption(let adoption, _): return adoption.isJudged
        default: return false
        }
    }

    /// - Returns: the rules that were broken.
    mutating func take(_ step: Step) -> [String] {
        let before = self
        isNew = false
        guard let event = happen(step) else { return [] }
        var judged: [RunEnd.Kind] = []
        let actions = lifecycle.handle(event) {
            judged.append($0)
            return step.decision ?? .staysEnded
        }
        var rules = actions.flatMap { perform($0) }
        if judged != (before.isJudged(step) ? step.end.map { [$0] } ?? [] : []) { rules.append("judged \(judged)") }
        return rules + broken(step, before, actions)
    }

    private mutating func perform(_ action: ProcessLifecycle.Action) -> [String] {
        switch action {
        case .spawn:
            let rules = [
                isSpawnPending ? "a second spawn" : nil,
                isAnythingAlive ? "a spawn while something of it lives" : nil,
                lifecycle.want == .down ? "a spawn while it is unwanted" : nil,
            ]
            isSpawnPending = true
            isStopping = false
            isUnderKill = false
            return rules.compactMap(\.self)
        case .terminate:
            let rules = [isAnythingAlive ? nil : "a stop signal to nobody", isStopping ? "a second stop signal" : nil]
            isStopping = true
            return rules.compactMap(\.self)
        case .kill:
            isUnderKill = true
            return isAnythingAlive ? [] : ["SIGKILL to nobody"]
        case .awaitSchedule: return arm(.schedule)
        case .awaitReady: return arm(.ready)
        case .awaitGrace: return arm(.grace)
        case .awaitKill: return arm(.kill)
        case .awaitBackoff(let delay):
            return arm(.backoff) + (sequel == .by(.restarts(after: delay)) ? [] : ["a delay of \(delay)"])
        case .cancelDeadline:
            defer { deadline = nil }
            return deadline == nil ? ["the cancelling of no deadline"] : []
        case .watchHealth:
            defer { isWatched = true }
            return isWatched ? ["watched twice"] : []
        case .ignoreHealth:
            defer { isWatched = false }
            return isWatched ? [] : ["ignored though nobody watched"]
        case .awaitDependencies: return traits.hasDependencies ? [] : ["waits for nobody"]
        }
    }

    private mutating func arm(_ deadline: Deadline) -> [String] {
        defer { self.deadline = deadline }
        return self.deadline == nil ? [] : ["a second deadline"]
    }
}
