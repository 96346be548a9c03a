import Glibc
import TestSupport

/// The model of what should be, and what is done to the agent meanwhile.
@MainActor
final class Soak {
    struct Pending {
        let question: Question
        let sentAt: ContinuousClock.Instant
        /// How many faults there had been that can swallow a request.
        let faults: Int
        /// Whether nobody may have been there to hear it.
        let isRisky: Bool
        /// How many shortages there had been, the present one among them.
        let shortages: Int
        /// How often keeper and worker had died together.
        let deaths: Int
    }

    /// The first answer to a request.
    struct Answer {
        let payload: [UInt8]
        /// How many faults there had been when the request was sent; nil when one was under way.
        let faults: Int?
    }

    /// From a fault to the first answer after it.
    struct Outage {
        let what: String
        let since: ContinuousClock.Instant
        var probes: Set<String> = []
        var probedAt: ContinuousClock.Instant
    }

    let setting: Setting
    let tag: String
    let program: String
    var seed: Seed
    /// For what is done at checkpoints, of which nobody knows after how many other choices they come.
    var checkpointSeed: Seed
    var slots: [String: Slot] = [:]
    /// Names in the order in which they are drawn.
    let names: [String]
    /// Those that this machine's own files want.
    let fileNames = (0..<4).map { "d\($0)" }
    var files: [String: Run] = [:]
    var runs: [Int: Run] = [:]
    /// Exit codes by pid, since the last look.
    var oneShots: [Int: Int] = [:]
    var pending: [String: Pending] = [:]
    var outage: Outage?
    var outageEnd = ContinuousClock.now
    /// That can swallow a request.
    var faults = 0
    /// Whether the agent lacks something that starts may take.
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

    /// How long anything may take on a busy machine.
    static let patience = Duration.seconds(15)
    /// How long an agent may take to be back.
    var outagePatience = Soak.patience
    /// After an outage, an answer that has not come by then is lost: no stop takes as long.
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

    /// - Returns: whether all was as it should be.
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
        // The first start makes room for all that follow.
        _ = try await setting.ask(#"{"start_process":{"path":"/bin/true"}}"#)
        try await empty()
    }

    /// - Parameter name: the slot whose latest events tell more.
    func violate(_ text: String, about name: String? = nil) {
        violations.append(text)
        Report.line("! \(elapsed) s: \(setting.host): \(text)")
        for event in name.flatMap({ events[$0] }) ?? [] { Report.line("    \(event)") }
    }

    /// Keeps the latest things that happened to a process.
    func note(_ event: String, of name: String) {
        events[name, default: []].append("\(elapsed) s: \(event)")
        if events[name, default: []].count > 12 { events[name]?.removeFirst() }
    }

    /// How often keeper and worker have died together.
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

    /// Waits until something has come true.
    func reach(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while !condition() {
            guard .now < deadline else { throw TestError("never came true: \(what)") }
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

    /// Waits until nothing is under way.
    func quiesce() async throws {
        try await settleOutage()
        while !pending.isEmpty, !isOver {
            try hear()
            try await pause(.milliseconds(2))
        }
    }
}
