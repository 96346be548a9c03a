import TestSupport
import Testing

/// An agent with a broker that supports only MQTT 3.1.1.
@Suite(.serialized) struct OldBrokerTests {
    private func withOldBroker(
        _ manner: OldBroker.Manner, _ body: (OldBroker, AgentProcess, TestClient) async throws -> Void
    ) async throws {
        try await withBroker { broker in
            let old = try OldBroker(manner, before: broker)
            let agent = try AgentProcess(url: old.url)
            let client = try await TestClient(broker)
            for filter in ["pm/h1/response", "pm/reply/#", "pm/h1/status"] { try await client.subscribe(filter) }
            try await client.publish("pm/h1/control", #"{"start_process":{"path":"/bin/true"}}"#, retain: true)
            do {
                try agent.start()
                #expect(try await client.next(on: "pm/h1/status").text == "online")
                try await body(old, agent, client)
                #expect(try await agent.stop() == 0)
                #expect(try await client.next(on: "pm/h1/status").text == "offline")
                #expect(old.passed >= 1 && agent.descendants.isEmpty)
            } catch { throw TestError("\(error)\n--- the agent's log:\n\(agent.log)") }
        }
    }

    @Test(arguments: OldBroker.Manner.allCases) func `the agent falls back to 3.1.1 and works`(manner: OldBroker.Manner)
        async throws
    {
        try await withOldBroker(manner) { _, agent, client in
            let start = #"{"start_process":{"path":"/bin/sleep","args":["1000"]},"id":1,"reply_to":"pm/reply/me"}"#
            try await client.publish("pm/h1/control", start)
            let pid = try #require(try await client.next(on: "pm/reply/me").value["start_process"]?["pid"]?.integer)
            // MQTT 3.1.1 has no properties; their absence disturbs nothing.
            try await client.publish(
                "pm/h1/control", #"{"stop_process":{"pid":\#(pid)},"reply_to":"pm/reply/me"}"#,
                properties: .init(responseTopic: "pm/reply/five", correlationData: [1]))
            let answer = try await client.next(on: "pm/reply/me")
            #expect(try answer.value == ["stop_process": ["success": true]])
            #expect(answer.properties.contentType == nil && answer.properties.correlationData == nil)
            try await client.settle()
            #expect(!client.messages.contains { $0.topic == "pm/reply/five" })
        }
    }

    @Test func `a retained request is cleared, and the clearing message is not answered`() async throws {
        try await withOldBroker(.refusesLikeFive) { old, _, client in
            let watcher = try await TestClient(old.broker)
            try await watcher.subscribe("pm/h1/control")
            try await client.publish("pm/h1/control", #"{"list_active_processes":{},"id":1,"reply_to":"pm/reply/me"}"#)
            _ = try await client.next(on: "pm/reply/me")
            #expect(try await client.next(on: "pm/h1/response").value["id"] == 1, "there was an earlier answer")
            let late = try await TestClient(old.broker)
            try await late.subscribe("pm/h1/control")
            try await late.settle()
            #expect(late.messages.isEmpty)
            // Another client's empty message is answered.
            try await client.publish("pm/h1/control", "")
            #expect(try await client.next(on: "pm/h1/response").value["error_message"] == "malformed request: empty")
        }
    }

    @Test func `the agent does not take its own offline for a late will`() async throws {
        try await withOldBroker(.refusesLikeThree) { _, _, client in
            try await client.publish("pm/h1/status", "offline", retain: true)
            #expect(try await client.next(on: "pm/h1/status").text == "offline")
            #expect(try await client.next(on: "pm/h1/status").text == "online")
        }
    }

    /// A bad link can close the attempts with MQTT 5 of a broker that supports it.
    @Test func `an agent that fell back after hang-ups uses MQTT 5 again, with its processes`() async throws {
        try await withOldBroker(.hangsUp) { old, agent, client in
            let start = #"{"start_process":{"path":"/bin/sleep","args":["1000"]},"reply_to":"pm/reply/me"}"#
            try await client.publish("pm/h1/control", start)
            let pid = try #require(try await client.next(on: "pm/reply/me").value["start_process"]?["pid"]?.integer)
            old.mend()
            try await eventually("the agent asks again") {
                agent.log.contains("reconnecting with MQTT 5, which the broker supports after all")
            }
            _ = try await client.next { $0.topic == "pm/h1/status" && $0.text == "online" }
            try await client.subscribe("pm/reply/five")
            try await client.publish(
                "pm/h1/control", #"{"query_process_status":{"pid":\#(pid)}}"#,
                properties: .init(responseTopic: "pm/reply/five", correlationData: [1]))
            let answer = try await client.next(on: "pm/reply/five")
            #expect(try answer.value["query_process_status"]?["running"] == true)
            #expect(answer.properties.correlationData == [1])
        }
    }
}
