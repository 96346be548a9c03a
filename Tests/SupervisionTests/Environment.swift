import Model
import Supervision

/// A minimal model of everything around a process lifecycle.
///
/// It has the processes, the deadlines and the requests that exist at a time, generates exactly the events that can
/// really happen then (``legalSteps``), and reports which rules the actions or the state of the lifecycle break
/// (``take(_:)``). The tests explore all sequences of steps. `Environment+Step` has the steps, `Environment+Rules` the
/// rules.
struct Environment: Hashable {
    let traits: Traits
    var lifecycle: ProcessLifecycle
    var isNew = true
    var isSpawnPending = false
    var isMainAlive = false
    var hasOthers = false
    var deadline: Deadline?
    var isWatched = false
    var isUnderKill = false
    /// An independent account of what the lifecycle stores: whether the stop signal has been sent, whether a requester
    /// waits for the start in progress, and what must follow the run.
    var isStopping = false
    var isAsked = false
    var sequel = Sequel.asWanted

    enum Deadline: Hashable { case schedule, backoff, ready, grace, kill }

    enum Sequel: Hashable {
        /// Started again, or left ended, according to the want.
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

    var isAnythingAlive: Bool { isMainAlive || hasOthers }

    var legalSteps: [Step] { (isNew ? Step.all + Step.adoptions : Step.all).filter(isLegal) }

    private func isLegal(_ step: Step) -> Bool {
        if let decision = step.decision, decision != .staysEnded, !isJudged(step) { return false }
        switch step {
        // A request never gets between a spawn and its result, but the lifecycle must not rely on that.
        case .start, .stop, .restart: return true
        case .adoption: return isNew
        case .dependenciesReady: return lifecycle.phase == .waiting
        case .spawnSucceeds, .spawnFails: return isSpawnPending
        case .becomesReady: return lifecycle.phase == .warming && isMainAlive
        case .turnsUnhealthy: return isWatched
        case .mainExitsLast: return isMainAlive && !hasOthers
        case .mainExitsBeforeOthers: return isMainAlive && hasOthers
        case .lastOtherExits: return !isMainAlive && hasOthers
        case .deadlinePasses: return deadline != nil
        case .mainForks: return isMainAlive && !hasOthers
        }
    }

    /// Whether the step ends a run without a request, so that its restart decision counts.
    func isJudged(_ step: Step) -> Bool {
        switch step {
        case .spawnFails: return isSpawnPending && lifecycle.want == .up && (!isAsked || traits.isPeriodic)
        case .mainExitsLast, .mainExitsBeforeOthers: return isMainAlive && !isStopping
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
        let end = lifecycle.runEnd(at: event)
        let actions = lifecycle.handle(event, decision: step.decision ?? .staysEnded)
        var rules = actions.flatMap { perform($0) }
        if end != (before.isJudged(step) ? step.end : nil) { rules.append("ends by \(String(describing: end))") }
        return rules + broken(step, before, actions)
    }

    private mutating func perform(_ action: ProcessLifecycle.Action) -> [String] {
        switch action {
        case .spawn:
            let rules = [
                isSpawnPending ? "a second spawn" : nil,
                isAnythingAlive ? "a spawn while the tree is not empty" : nil,
                lifecycle.want == .down ? "a spawn while it is unwanted" : nil,
            ]
            isSpawnPending = true
            isStopping = false
            isUnderKill = false
            return rules.compactMap(\.self)
        case .terminate:
            let rules = [isAnythingAlive ? nil : "a needless stop signal", isStopping ? "a second stop signal" : nil]
            isStopping = true
            return rules.compactMap(\.self)
        case .kill:
            isUnderKill = true
            return isAnythingAlive ? [] : ["SIGKILL without a process"]
        case .awaitSchedule: return arm(.schedule)
        case .awaitReady: return arm(.ready)
        case .awaitGrace: return arm(.grace)
        case .awaitKill: return arm(.kill)
        case .awaitBackoff(let delay):
            return arm(.backoff) + (sequel == .by(.restarts(after: delay)) ? [] : ["a delay of \(delay)"])
        case .cancelDeadline:
            defer { deadline = nil }
            return deadline == nil ? ["no deadline to cancel"] : []
        case .watchHealth:
            defer { isWatched = true }
            return isWatched ? ["health watched twice"] : []
        case .ignoreHealth:
            defer { isWatched = false }
            return isWatched ? [] : ["health was not watched"]
        case .awaitDependencies: return traits.hasDependencies ? [] : ["waits without dependencies"]
        }
    }

    private mutating func arm(_ deadline: Deadline) -> [String] {
        defer { self.deadline = deadline }
        return self.deadline == nil ? [] : ["a second deadline"]
    }
}
