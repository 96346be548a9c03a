import Glibc
import TestSupport

/// A random load on one agent, and a model of the state that the agent must have.
///
/// ``run(for:)`` repeats periods of random actions (`Soak+Acts`, `Soak+Faults`), each followed by a checkpoint. Answers
/// are compared with the model at once (`Soak+Answers`, ``Slot``). At a checkpoint the soak waits until no request is
/// open and compares the agent, the broker and /proc with the model (`Soak+Checks`, `Soak+Apply`). Each difference is a
/// violation. A fault begins an outage, which ends with the first answer after it. A request that a fault may have
/// swallowed is no violation, but makes its slot doubtful. `ChaosHost` runs a soak for each host of `pm-soak chaos`.
@MainActor
final class Soak {
    struct Pending {
        let question: Question
        let sentAt: ContinuousClock.Instant
        /// The number of faults before it that can swallow a request.
        let faults: Int
        /// Whether it was sent during an outage.
        let isRisky: Bool
        /// The number of shortages before it, without the current one.
        let shortages: Int
        /// The number of times that keeper and worker had died together before it.
        let deaths: Int
    }

    /// The first answer to a request.
    struct Answer {
        let payload: [UInt8]
        /// The number of faults before the request was sent; nil if it was sent during an outage.
        let faults: Int?
    }

    /// The time from a fault to the first answer after it.
    struct Outage {
        let what: String
        let since: ContinuousClock.Instant
        var probes: Set<String> = []
        var probedAt: ContinuousClock.Instant
        /// The latest answer that was no success.
        var refusal = "nothing"
    }

    let setting: Setting
    let tag: String
    let program: String
    var seed: Seed
    /// For the choices at checkpoints. It is separate because the number of choices between checkpoints varies.
    var checkpointSeed: Seed
    var slots: [String: Slot] = [:]
    /// The ids that random actions use.
    let names: [String]
    /// The ids that only the host's own spec files use.
    let fileNames = (0..<4).map { "d\($0)" }
    var files: [String: Run] = [:]
    var runs: [Int: Run] = [:]
    /// Expected exit codes by pid, since the last checkpoint.
    var oneShots: [Int: Int] = [:]
    var pending: [String: Pending] = [:]
    var outage: Outage?
    var outageEnd = ContinuousClock.now
    /// The number of faults so far that can swallow a request.
    var faults = 0
    /// Whether the agent lacks a resource that a start may need.
    var isShort = false
    private(set) var shortages = 0
    /// By topic, since the last checkpoint.
    var answers: [String: Answer] = [:]
    var tally = Tally()
    var violations: [String] = []
    private var events: [String: [String]] = [:]
    var footprints: [Footprint] = []
    var base: Footprint?
    private var checkpoints = 0
    private let startedAt = ContinuousClock.now

    /// The maximum time for any step on a busy host.
    static let patience = Duration.seconds(15)
    /// The maximum length of an outage.
    var outagePatience = Soak.patience
    /// The time after an outage after which a missing answer counts as swallowed: longer than any stop takes.
    static let lateness = Duration.seconds(3)
    private static let period = Duration.seconds(20)

    convenience init(seed: Seed) async throws { try await self.init(seed: seed, setting: Setting()) }

    init(seed: Seed, setting: Setting) async throws {
        self.seed = seed
        checkpointSeed = Seed(self.seed.next())
        names = (0..<24).map { "s\($0)" } + (0..<6).map { "w\($0)" }
        tag = "\(getpid())-\(setting.host)"
        program = try Binaries.testChild
        self.setting = setting
        for name in names + fileNames { slots[name] = Slot(name) }
    }

    /// - Returns: whether there were no violations.
    func run(for duration: Duration) async -> Bool {
        do {
            try await start()
            let end = startedAt + duration
            while ContinuousClock.now < end, !isOver {
                try await live(until: min(end, ContinuousClock.now + Self.period))
                try await checkpoint()
            }
            if violations.isEmpty { try await finish() }
        } catch {
            violate("\(error)")
        }
        Report.line("soak: \(tally.requests) requests, \(tally.faults) faults, \(violations.count) violations")
        guard !violations.isEmpty else { return true }
        Report.line("\(seed)\n--- the end of the agent's log:")
        Report.line(setting.agent.log.split(separator: "\n").suffix(60).joined(separator: "\n"))
        setting.agent.kill()
        return false
    }

    func start() async throws {
        try setting.agent.start()
        begin(outage: "the start")
        try await settleOutage()
        // The first start allocates memory that later starts use again.
        _ = try await setting.ask(#"{"start_process":{"path":"/bin/true"}}"#)
        try await empty()
    }

    /// - Parameter name: a slot; its latest events are printed with the violation.
    func violate(_ text: String, about name: String? = nil) {
        violations.append(text)
        Report.line("! \(elapsed) s: \(setting.host): \(text)")
        for event in name.flatMap({ events[$0] }) ?? [] { Report.line("    \(event)") }
    }

    /// Records an event of a process; the latest 12 are kept.
    func note(_ event: String, of name: String) {
        events[name, default: []].append("\(elapsed) s: \(event)")
        if events[name, default: []].count > 12 { events[name]?.removeFirst() }
    }

    /// The number of times that keeper and worker have died together.
    var deaths: Int { tally.agents + tally.keepers }

    func beginShortage() {
        isShort = true
        shortages += 1
        for name in slots.keys {
            slots[name]?.lackedSomething()
            note("a shortage", of: name)
        }
    }

    private var elapsed: Double { ((ContinuousClock.now - startedAt) / .milliseconds(1)).rounded() / 1000 }

    var isOver: Bool { Interruption.hasCome || violations.count >= 10 }

    private func live(until end: ContinuousClock.Instant) async throws {
        while ContinuousClock.now < end, !isOver {
            try await act(.random(&seed))
            try hear()
            try await pause(.milliseconds(Int.random(in: 0...20, using: &seed)))
        }
    }

    func pause(_ duration: Duration) async throws { try await Task.sleep(for: duration) }

    /// Waits until `condition` is true.
    func reach(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while !condition() {
            guard .now < deadline else { throw TestError("timed out: \(what)") }
            try await pause(.milliseconds(2))
        }
    }

    func checkpoint() async throws {
        checkpoints += 1
        try await quiesce()
        try await agree()
        try await askForExits()
        answers = [:]
        let footprint = Footprint(setting.agent)
        let live = slots.values.count { $0.isSurelyUp }
        Report.line("\(Int(elapsed)) s: \(setting.host): \(tally.summary); \(live) up, \(footprint)")
        if checkpoints % 2 == 0 { try await empty() } else { try await applyRandomly() }
    }

    /// Waits until the outage is over and no request is open.
    func quiesce() async throws {
        try await settleOutage()
        while !pending.isEmpty, !isOver {
            try hear()
            try await pause(.milliseconds(2))
        }
    }
}
