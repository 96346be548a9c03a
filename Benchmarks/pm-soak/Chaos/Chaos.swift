import Glibc
import TestSupport

/// `pm-soak chaos`: two hosts with a soak each (``ChaosHost``) and a pm-cluster with nodes on a third (``NodeLoad``),
/// at one broker.
///
/// ``run(for:)`` repeats periods of random actions and faults of network, disks, clocks, limits and processes. After
/// each period it ends all faults, waits until no request is open and checks every model. The host `rich` has no
/// shortages, so its soak permits no refusals for lack of resources; the host `poor` has them.
@MainActor
final class Chaos {
    private let broker: Broker
    private var hosts: [ChaosHost] = []
    private var nodes: NodeLoad?
    private var seed: Seed
    private var faults: [String: Int] = [:]
    private var violations = 0
    private let startedAt = ContinuousClock.now
    private static let period = Duration.seconds(20)

    init(seed: Seed) async throws {
        self.seed = seed
        broker = try Broker(.init(hub: true))
        for (name, hasShortages) in [("rich", false), ("poor", true)] {
            hosts.append(
                try await ChaosHost(name, on: broker, seed: Seed(self.seed.next()), hasShortages: hasShortages))
        }
        nodes = try await NodeLoad(on: broker) { [weak self] text in self?.violate(text) }
    }

    /// - Returns: whether there were no violations.
    func run(for duration: Duration) async -> Bool {
        do {
            for host in hosts { try await host.soak.start() }
            try await nodes?.start()
            let end = startedAt + duration
            while ContinuousClock.now < end, !isOver {
                try await live(until: min(end, .now + Self.period))
                try await checkpoint()
            }
            if found == 0 { try await finish() }
        } catch {
            violate("\(error)")
        }
        report()
        return found == 0
    }

    private var found: Int { violations + hosts.reduce(0) { $0 + $1.soak.violations.count } }
    private var isOver: Bool { Interruption.hasCome || found >= 10 }

    private func violate(_ text: String) {
        violations += 1
        Report.line("! \(((ContinuousClock.now - startedAt) / .milliseconds(1)).rounded() / 1000) s: \(text)")
    }

    // MARK: Actions

    private func live(until end: ContinuousClock.Instant) async throws {
        while ContinuousClock.now < end, !isOver {
            for host in hosts { try await act(on: host) }
            let number = Int.random(in: 0..<1_000_000, using: &seed)
            switch Int.random(in: 0..<300, using: &seed) {
            case 0...4: try await harm(number)
            case 5...6: try await harmNodes(number)
            case 7...23: try nodes?.act(number)
            default: break
            }
            try await tick()
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...10, using: &seed)))
        }
    }

    private func tick() async throws {
        for host in hosts { try host.tick() }
        try nodes?.tick()
    }

    private func act(on host: ChaosHost) async throws {
        let act = Act.random(&seed)
        switch act {
        case .killBroker:
            // Every host draws this act, so only half of them count.
            if Bool.random(using: &seed) { try await killBroker(for: Int.random(in: 0..<500, using: &seed)) }
        case .killAgent, .killKeeper:
            guard !host.hasUnsavedState else { return }
            try host.heal()
            try await host.soak.act(act)
        case .changeFiles:
            guard !host.soak.isShort else { return }
            try host.heal()
            try await host.soak.act(act)
        default: try await host.soak.act(act)
        }
    }

    private func harm(_ number: Int) async throws {
        let host = hosts[number % hosts.count]
        let fault = host.faults[number / hosts.count % host.faults.count]
        faults[fault.rawValue, default: 0] += 1
        try host.begin(fault, number / 64)
    }

    private func harmNodes(_ number: Int) async throws {
        let harm = NodeLoad.Harm.allCases[number % NodeLoad.Harm.allCases.count]
        faults[harm.rawValue, default: 0] += 1
        try await nodes?.begin(harm, number / 16)
    }

    private func killBroker(for milliseconds: Int) async throws {
        faults["killed broker", default: 0] += 1
        for host in hosts { host.soak.brokerDied() }
        nodes?.noteFault()
        broker.kill()
        try await Task.sleep(for: .milliseconds(milliseconds))
        try await broker.start()
        for host in hosts { try await host.soak.setting.reconnect() }
        try await nodes?.reconnect()
    }

    // MARK: Checks

    private func checkpoint() async throws {
        for host in hosts { try host.heal() }
        nodes?.heal()
        try await tick()
        for host in hosts where !isOver { try await host.soak.checkpoint() }
        try await nodes?.check()
        try await tick()
    }

    private func finish() async throws {
        for host in hosts { try await host.soak.finish() }
        try await nodes?.finish()
    }

    private func report() {
        let all = hosts.map(\.soak.tally) + (nodes.map { [$0.counts] } ?? [])
        func sum(_ field: (Tally) -> Int) -> Int { all.reduce(0) { $0 + field($1) } }
        let deaths = [
            "killed worker": sum(\.workers), "killed agent": sum(\.agents), "killed keeper": sum(\.keepers),
            "killed process": sum(\.members), "reloaded agent": sum(\.reloads),
        ]
        let kinds = faults.merging(deaths) { $0 + $1 }.sorted { $0.key < $1.key }
        Report.line(
            """
            chaos: \(sum(\.requests)) requests: \(sum(\.answers)) answered, \(sum(\.refused)) of them refused during faults; \
            \(sum(\.unanswered)) swallowed by faults; \(sum(\.repeated)) answers repeated
            chaos: \(kinds.reduce(0) { $0 + $1.value }) faults: \(kinds.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
            chaos: lost \(sum(\.lost)), doubled \(sum(\.doubled)), \(found) violations
            """)
        guard found > 0 else { return }
        Report.line("\(seed)")
        for host in hosts {
            Report.line("--- the end of \(host.soak.setting.host)'s log:")
            Report.line(host.soak.setting.agent.log.split(separator: "\n").suffix(40).joined(separator: "\n"))
        }
        Report.line(nodes?.bench.logs.split(separator: "\n").suffix(60).joined(separator: "\n") ?? "")
        for host in hosts { host.soak.setting.agent.kill() }
        nodes?.cluster.kill()
        nodes?.nodeHost.kill()
    }
}
