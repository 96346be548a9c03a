import Glibc
import TestSupport
import Testing

/// kill -9 of the broker: supervision continues without it, and all is right again when it is back.
@Suite(.serialized) struct FaultBrokerTests {
    @Test func `restart policies are followed without a broker`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a").restart("always", delay: 0))
            bench.broker.kill()
            try await eventually("the loss") { bench.agent.log.contains("not connected") }
            kill(pid_t(pid), SIGKILL)
            try await eventually("the restart") {
                bench.agent.descendants.contains { $0.pid != pid && $0.arguments == ["sleep", "1000"] }
            }
            try await bench.broker.start()
            let entry = try await bench.state("running", of: "a")
            #expect(entry["restarts"] == 1 && bench.agent.descendants.map(\.pid) == [entry["pid"]?.integer])
        }
    }

    /// How often the broker is killed. The agent waits longer before each reconnect, and 20 rounds take some minutes.
    private static let rounds = getenv("PM_BROKER_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 5

    @Test func `after repeated kills under load, all is answered and nothing done twice`() async throws {
        try await withAgent(broker: .init(hub: true)) { bench in
            let begun = "\(bench.agent.folder.path)/begun"
            var load = RetryingLoad(begun: begun)
            for round in 1...Self.rounds {
                let count = Self.connections(bench)
                try await load.send(40, to: bench)
                bench.broker.kill()
                try await bench.broker.start()
                try await eventually("the reconnect", within: .seconds(40)) { Self.connections(bench) > count }
                let begin = ContinuousClock.now
                let client = try await TestClient(bench.broker)
                for filter in ["pm/reply/#", "pm/hub/hosts"] { try await client.subscribe(filter) }
                _ = try await client.next { message in
                    let hosts = (try? message.value)?["nodes"]?.array ?? []
                    return hosts.contains { $0["host_name"] == "h1" && $0["online"] == true }
                }
                print("round \(round): the hub knows the host after \(ContinuousClock.now - begin)")
                try await load.finish(bench.topic("control"), client)
                let now = AgentBench(broker: bench.broker, agent: bench.agent, client: client, version: .v5)
                try await now.retainedIsRight()
                print("all is answered and retained state is right after \(ContinuousClock.now - begin)")
                let pids = try await now.expectConsistent(begun: begun)
                #expect(load.started.allSatisfy { pids[$0.key] == $0.value })
                #expect(load.stopped.allSatisfy { pids[$0] == nil })
            }
            print("\(load.started.count + load.stopped.count) processes")
        }
    }

    private static func connections(_ bench: AgentBench) -> Int {
        bench.agent.log.split(separator: "\n").count { $0.contains(": connected to") }
    }
}
