import TestSupport
import Testing

/// Two agents of one name, as after a copied disk.
@Suite(.serialized) struct NameConflictTests {
    private static let reason = "another agent has the name h1"

    @Test func `two agents of one name find each other, say so, and stop ending each other's connection`() async throws
    {
        try await withAgent { bench in
            let copy = try AgentProcess(url: bench.broker.url)
            try copy.start()
            let watcher = try await TestClient(bench.broker)
            try await watcher.subscribe("pm/h1/health")
            _ = try await watcher.next { $0.text.contains(Self.reason) && $0.text.contains(#""health":"bad""#) }
            try await eventually("a line in a log") {
                bench.agent.log.contains(Self.reason) || copy.log.contains(Self.reason)
            }
            try await copy.stop()
        }
    }

    @Test func `an agent that is started again is no conflict`() async throws {
        try await withAgent { bench in
            for _ in 0..<3 {
                bench.agent.kill()
                try await bench.startAgentAgain()
            }
            #expect(try await bench.method("get_health")["health"] == "good")
            #expect(!bench.agent.log.contains(Self.reason))
        }
    }
}
