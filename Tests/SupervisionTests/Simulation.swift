import Model
import Supervision
import TestSupport

/// A simulation of one process over its lifetime.
///
/// It has a worker, which performs the lifecycle's actions and can be killed; processes (``Kernel``) and a saved record
/// (``disk``), which outlive the worker; and a clock that only the simulation advances. ``live(events:)`` runs random
/// events, then lets the process settle and stops it, and checks rules after each step. A seed reproduces a run.
struct Simulation {
    var seed: Seed
    let traits: Environment.Traits
    let rules: RestartRules
    let grace = 5.0

    /// Seconds of a monotonic clock.
    var now = 1_000_000.0
    var kernel = Kernel()
    var disk: Kept
    var isDiskFull = false

    var lifecycle: ProcessLifecycle
    var history = RestartHistory()
    var deadline: (time: Double, phase: ProcessLifecycle.Phase)?
    var isWatched = false

    /// Values that the rules are checked against.
    var allowedLaunches = 0
    var isUnwanted = false
    /// A crash happened while the saved record was outdated: earlier counts are void.
    var hasForgotten = false
    var seen: Set<ProcessLifecycle.Phase> = []
    var restarts: [Double] = []
    var terminatedAt = 0.0
    private(set) var broken: [String] = []
    private(set) var trail: [String] = []

    /// What the worker saves after each change.
    struct Kept {
        var record: ProcessLifecycle.Record
        var history = RestartHistory()
    }

    init(_ seed: Seed) {
        var seed = seed
        traits = Environment.Traits.allCases.randomElement(using: &seed) ?? Environment.Traits()
        rules = Self.rules(traits, &seed)
        lifecycle = ProcessLifecycle(
            hasDependencies: traits.hasDependencies, showsReadiness: traits.showsReadiness,
            isPeriodic: traits.isPeriodic)
        disk = Kept(record: lifecycle.record)
        self.seed = seed
    }

    private static func rules(_ traits: Environment.Traits, _ seed: inout Seed) -> RestartRules {
        var rules = RestartRules()
        guard !traits.isPeriodic else { return rules }
        rules.policy = RestartRules.Policy.allCases.randomElement(using: &seed) ?? .never
        rules.delay = [0, 0.5, 3].randomElement(using: &seed) ?? 0
        rules.maximumDelay = [1, 60].randomElement(using: &seed) ?? 1
        rules.startLimit = [0, 1, 3, 10].randomElement(using: &seed) ?? 0
        rules.startInterval = [0, 10, 600].randomElement(using: &seed) ?? 0
        return rules
    }

    /// - Returns: the broken rules, with the last events; nil when none was broken.
    mutating func live(events: Int) -> String? {
        for _ in 0..<events where broken.isEmpty { takeStep() }
        if broken.isEmpty { settle() }
        if broken.isEmpty { finish() }
        return broken.isEmpty ? nil : "\(broken), \(traits), \(rules), after \(trail.suffix(12))"
    }

    mutating func check(_ rule: String, _ holds: Bool) { if !holds { broken.append(rule) } }

    mutating func note(_ what: String) { trail.append(what) }

    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &seed) == 0 }

    // MARK: Events

    private mutating func takeStep() {
        now += Double.random(in: 0...0.5, using: &seed)
        switch Int.random(in: 0..<16, using: &seed) {
        case 0: request([.start, .stop, .restart].randomElement(using: &seed) ?? .stop)
        case 1: request(.start)
        case 2...4: kernelMoves()
        case 5: if lifecycle.phase == .warming { hear(.ready) }
        case 6: if isWatched, chance(3) { hear(.unhealthy) }
        case 7: if lifecycle.phase == .waiting { hear(.dependenciesReady) }
        case 8: crash()
        case 9: isDiskFull = chance(4)
        case 10: now += Double.random(in: 0...300, using: &seed)
        default: passDeadline()
        }
    }

    private mutating func request(_ event: ProcessLifecycle.Event) {
        let isUp = event != .stop
        allowedLaunches += isUp ? 1 : 0
        isUnwanted = !isUp
        if event == .restart {
            allowedLaunches = kernel.launches + 1
            hasForgotten = false
        }
        // The supervisor clears the history as well.
        let isFresh = event == .restart || isUp && !lifecycle.isLive
        if isFresh {
            history = RestartHistory()
            restarts = []
        }
        hear(event)
        check("no effect: \(event)", lifecycle.want == (isUp ? .up : .down))
    }

    /// The processes do something without a request.
    mutating func kernelMoves() {
        let before = kernel
        let wasStopping = lifecycle.phase == .terminating || lifecycle.phase == .killing
        guard let event = kernelEvent() else { return }
        hear(event)
        guard before.isMainAlive, !kernel.isMainAlive, !wasStopping, kernel.launches == before.launches else {
            return
        }
        let isSuccess = kernel.status == .exited(code: 0)
        let isRepeated = traits.isPeriodic || rules.policy == .always || rules.policy == .onFailure && !isSuccess
        check("\(rules.policy) after \(String(describing: kernel.status))", (lifecycle.want == .up) == isRepeated)
    }

    private mutating func kernelEvent() -> ProcessLifecycle.Event? {
        guard kernel.isAnythingAlive else { return nil }
        if !kernel.isDoomed, chance(3) {
            kernel.fork()
            return nil
        }
        if kernel.isMainAlive, kernel.others == 0 || chance(2) {
            let statuses: [ExitStatus] = [.exited(code: 0), .exited(code: 1), .signaled(11)]
            kernel.leaderExits(statuses.randomElement(using: &seed))
            return .mainExited(treeIsEmpty: kernel.others == 0)
        }
        kernel.otherExits()
        return kernel.isAnythingAlive ? nil : .treeEmptied
    }

    mutating func passDeadline() {
        guard let due = deadline else { return }
        now = max(now, due.time)
        deadline = nil
        if due.phase == .terminating { check("killed before the end of the grace period", now >= terminatedAt + grace) }
        hear(.deadlinePassed)
    }

    /// Kills the worker. The processes go on meanwhile, and a new worker adopts them.
    private mutating func crash() {
        let isStale = hasForgotten || lifecycle.record != disk.record || history != disk.history
        let before = lifecycle
        for _ in 0..<Int.random(in: 0..<4, using: &seed) { _ = kernelEvent() }
        if chance(4) { kernel.keeperDies() }
        hasForgotten = isStale
        let isStillUp = kernel.isMainAlive && [.warming, .running].contains(before.phase)
        adopt()
        guard !isStale else {
            isUnwanted = lifecycle.want == .down
            return
        }
        // A periodic process that waited for its dependencies skips this run.
        let isSame = isStillUp || !before.hasTree && !(traits.isPeriodic && before.phase == .waiting)
        check("adopted in \(lifecycle.phase) out of \(before.phase)", !isSame || lifecycle.phase == before.phase)
        check("adopted and wanted \(lifecycle.want)", before.want == .up || lifecycle.want == .down)
        // The reason why it was being ended must be kept.
        let isEnding = before.phase == .terminating || before.phase == .killing
        check("adopted, and no longer wanted", !isEnding || lifecycle.want == before.want)
    }

    // MARK: End

    /// If programs behave from now on, every process that is wanted up comes up or fails.
    private mutating func settle() {
        isCalm = true
        for _ in 0..<200 where broken.isEmpty {
            switch lifecycle.phase {
            case .running, .scheduled, .exited, .failed, .idle: return
            case .waiting: hear(.dependenciesReady)
            case .warming: hear(.ready)
            case .terminating, .killing: kernel.isDoomed ? kernelMoves() : passDeadline()
            case .backoff: passDeadline()
            case .starting: check("starting without a spawn", false)
            }
        }
        check("does not settle from \(lifecycle.phase)", false)
    }

    /// A stop ends the whole tree, within the grace period and one check after SIGKILL.
    private mutating func finish() {
        let begin = now
        request(.stop)
        for _ in 0..<200 where lifecycle.isLive && broken.isEmpty { kernel.isDoomed ? kernelMoves() : passDeadline() }
        check("not stopped: \(lifecycle.phase)", !lifecycle.isLive && lifecycle.want == .down)
        check("left behind", !kernel.isAnythingAlive && deadline == nil && !isWatched)
        check("stopped after \(now - begin) s", now - begin <= grace + Limits.killRecheck)
    }

    /// Whether every program can be executed from now on.
    private(set) var isCalm = false
}
