import TestSupport
import Testing

/// Where answers go, and where they may not.
@Suite(.serialized) struct ReplyTopicTests {
    @Test(arguments: [String(repeating: "a/", count: 220) + "x", "pm/reply/\u{85}x", "a\u{FFFE}"])
    func `a reply topic that makes a broker end the connection is refused`(topic: String) async throws {
        try await withAgent { bench in
            try await bench.send(.startProcess(path: "/bin/sleep", args: ["9"]).replyTo(topic))
            let answer = try await bench.client.next(on: bench.topic("response")).value
            #expect(answer["start_process"]?["success"] == false)
            #expect(bench.agent.descendants.isEmpty)
            // The agent is still connected.
            #expect(try await bench.ask(.listActiveProcesses)["list_active_processes"]?["pids"] == [])
        }
    }

    @Test func `a malformed request through the hub is answered on the hub's topic too`() async throws {
        try await withAgent(broker: .init(hub: true)) { bench in
            for request in [
                #"{"host_name":"h1","list_active_processes":{}} x"#, #"{"host_name":"h1","host_name":"h1"}"#,
            ] {
                try await bench.client.publish("pm/hub/control", request)
                let answer = try await bench.client.next(on: "pm/hub/response").value
                #expect(answer["success"] == false)
                #expect(answer["error_message"]?.string?.hasPrefix("malformed request") == true)
            }
        }
    }

    @Test func `an answer about a wrong host does not look forwarded`() async throws {
        try await withAgent { bench in
            let answer = try await bench.ask(.listActiveProcesses.host("other"))
            #expect(answer["list_active_processes"]?["success"] == false)
            #expect(answer["success"] == nil && answer["host_name"] == nil)
        }
    }

    @Test func `a reply topic equal to the default topic gets one answer, with correlation data`() async throws {
        try await withAgent { bench in
            let properties = Message.Properties(responseTopic: bench.topic("response"), correlationData: [1, 2])
            try await bench.send(.listActiveProcesses, properties: properties)
            let answer = try await bench.client.next(on: bench.topic("response"))
            #expect(answer.properties.correlationData == [1, 2])
            try await bench.client.settle()
            #expect(!bench.client.messages.contains { $0.topic == bench.topic("response") })
        }
    }
}
