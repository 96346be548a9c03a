import Glibc
import TestSupport
import Testing

/// An agent whose host name has changed, with the same state directory.
@Suite(.serialized) struct FormerNameTests {
    /// The retained topics of the name `h1`.
    private func left(_ bench: AgentBench) async throws -> [String] {
        let reader = try await bench.watcher(of: "pm/h1/#")
        try await reader.settle()
        return reader.takeAll().filter { $0.isRetained && !$0.payload.isEmpty }.map(\.topic).sorted()
    }

    /// Stops the agent and starts it as `h2`.
    private func rename(_ bench: AgentBench) async throws {
        try await bench.agent.stop()
        bench.agent.rename("h2")
        try bench.agent.start()
        let watcher = try await bench.watcher(of: "pm/h2/status")
        _ = try await watcher.next { $0.text == "online" }
    }

    @Test func `what the former name has left is cleared, once`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("web").persist())
            try await eventually("its file") { !bench.agent.folder.read("state/processes/web.json").isEmpty }
            #expect(try await left(bench).contains("pm/h1/process/web"))
            try await rename(bench)
            try await eventually("the topics are cleared") { bench.agent.log.contains("the former name h1 has left") }
            let topics = try await left(bench)
            #expect(topics.isEmpty)
            // Who comes later with that name is not touched.
            try await bench.client.publish("pm/h1/status", "offline", retain: true)
            try await bench.agent.stop()
            try bench.agent.start()
            _ = try await bench.watcher(of: "pm/h2/status").next { $0.text == "online" }
            #expect(try await left(bench) == ["pm/h1/status"])
        }
    }

    @Test(arguments: [
        ("health", #"{"host":"h1","health":"good","reasons":[],"session":"another","seq":1,"interval":10}"#),
        ("status", "online"),
    ])
    func `another agent that has the name by now is left alone`(topic: String, text: String) async throws {
        try await withAgent { bench in
            try await bench.agent.stop()
            // Without health, the status tells.
            if topic == "status" { try await bench.client.publish("pm/h1/health", "", retain: true) }
            try await bench.client.publish("pm/h1/\(topic)", text, retain: true)
            let before = try await left(bench)
            bench.agent.rename("h2")
            try bench.agent.start()
            try await eventually("the decision") { bench.agent.log.contains("left alone what is retained") }
            #expect(try await left(bench) == before)
        }
    }
}
