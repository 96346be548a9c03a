import Glibc
import TestSupport
import Testing

/// The topics and the properties of answers.
@Suite(.serialized) struct AnswerTests {
    private static let list = #"{"list_active_processes":{},"id":"x"}"#
    private static let answer: JSONValue = ["list_active_processes": ["pids": []], "id": "x"]

    @Test(arguments: TestClient.Version.allCases) func `the default response is retained, the copy is not`(
        version: TestClient.Version
    ) async throws {
        try await withAgent(version: version) { bench in
            // In MQTT 3.1.1 and without "retain as published", live messages never carry the flag. So a later
            // subscriber reads it.
            try await bench.send(.listActiveProcesses.id("x").replyTo("pm/reply/me"))
            #expect(try await bench.client.next(on: bench.topic("response")).value == Self.answer)
            #expect(try await bench.client.next(on: "pm/reply/me").value == Self.answer)
            let late = try await TestClient(bench.broker, .init(version: version))
            for filter in [bench.topic("response"), "pm/reply/#", "pm/hub/response"] {
                try await late.subscribe(filter)
            }
            try await late.settle()
            let messages = late.takeAll()
            #expect(messages.map(\.topic) == [bench.topic("response")])
            #expect(messages.first?.isRetained == true)
            try await bench.client.settle()
            #expect(bench.client.messages.isEmpty, "one answer each")
        }
    }

    @Test func `without a reply topic there is the default response only`() async throws {
        try await withAgent { bench in
            try await bench.send(Self.list)
            _ = try await bench.client.next(on: bench.topic("response"))
            try await bench.client.settle()
            #expect(bench.client.messages.isEmpty)
        }
    }

    @Test func `the response topic gets correlation data and the content type of its dialect`() async throws {
        try await withAgent { bench in
            let data: [UInt8] = [0, 255, 1, 0]
            for type in [nil, "application/json", "b0::process_manager::Request"] {
                let properties = Message.Properties(
                    contentType: type, responseTopic: "pm/reply/me", correlationData: data)
                try await bench.send(Self.list, properties: properties)
                let copy = try await bench.client.next(on: "pm/reply/me")
                #expect(copy.properties.correlationData == data)
                #expect(copy.properties.contentType == "b0::process_manager::Response")
                let standard = try await bench.client.next(on: bench.topic("response"))
                #expect(standard.properties.contentType == "b0::process_manager::Response")
                #expect(standard.properties.correlationData == nil)
                try await bench.send(.call("get_processes"), properties: properties)
                #expect(try await bench.client.next(on: "pm/reply/me").properties.contentType == "application/json")
                _ = try await bench.client.next(on: bench.topic("response"))
                try await bench.send("{", properties: properties)
                _ = try await bench.client.next(on: bench.topic("response"))
                let refusal = try await bench.client.next(on: "pm/reply/me")
                #expect(
                    refusal.properties.contentType == "application/json" && refusal.properties.correlationData == data)
            }
        }
    }

    @Test func `reply_to takes precedence over the response topic`() async throws {
        try await withAgent { bench in
            try await bench.send(
                .listActiveProcesses.id("x").replyTo("pm/reply/first"),
                properties: .init(responseTopic: "pm/reply/second"))
            #expect(try await bench.client.next(on: "pm/reply/first").value == Self.answer)
            try await bench.client.settle()
            #expect(!bench.client.messages.contains { $0.topic == "pm/reply/second" })
        }
    }

    @Test func `a reply topic that is the default one gets one answer`() async throws {
        try await withAgent { bench in
            try await bench.send(.listActiveProcesses.id("x").replyTo("pm/h1/response"))
            _ = try await bench.client.next(on: bench.topic("response"))
            try await bench.client.settle()
            #expect(bench.client.messages.isEmpty)
        }
    }

    @Test(arguments: [(0, 0), (1, 1), (2, 1)]) func `an answer has the request's QoS, at most 1`(
        qos: Int, answerQoS: Int
    ) async throws {
        try await withAgent { bench in
            try await bench.send(.listActiveProcesses.replyTo("pm/reply/me"), qos: qos)
            #expect(try await bench.client.next(on: "pm/reply/me").qos == answerQoS)
            #expect(try await bench.client.next(on: bench.topic("response")).qos == answerQoS)
        }
    }

    @Test func `a request through the hub is answered on the hub's topic too, with the host's name`() async throws {
        try await withAgent { bench in
            try await bench.send(.listActiveProcesses.host("h1").with("id", 1))
            let expected: JSONValue = [
                "list_active_processes": ["pids": []], "host_name": "h1", "success": true, "id": 1,
            ]
            let hub = try await bench.client.next(on: "pm/hub/response")
            #expect(try hub.value == expected)
            #expect(try await bench.client.next(on: bench.topic("response")).value == expected)
            try await bench.send(.stopProcess(pid: 1).host("h1").replyTo("pm/reply/me"))
            #expect(
                try await bench.client.next(on: "pm/reply/me").value
                    == [
                        "stop_process": ["error_message": "no such pid", "success": false], "host_name": "h1",
                        "success": true,
                    ])
            try await bench.client.settle()
            #expect(!bench.client.messages.contains { $0.topic == "pm/hub/response" })
            let late = try await bench.watcher(of: "pm/hub/response")
            try await late.settle()
            #expect(late.messages.isEmpty, "it is not retained")
        }
    }

    @Test func `a request for another host is refused`() async throws {
        try await withAgent { bench in
            let method = try await bench.ask(.call("get_processes").with("node_id", "h2"))
            #expect(method["result"]?["status"] == "failed" && method["result"]?["message"] == "unable to get health")
            #expect(method["result"]?["error"]?["code"] == "wrong_node")
            #expect(
                try await bench.ask(.call("get_processes").with("node_id", "h1"))["result"]?["status"] == "success")
            let start = #"{"start_process":{"path":"/bin/sleep","args":["1000"]},"host_name":"h2"}"#
            #expect(try await bench.ask(start)["start_process"]?["success"] == false)
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `answers come in the order in which the work ends`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            // It ends when it reads a line from the FIFO, not by a signal.
            let gate = "\(bench.agent.folder.path)/gate"
            #expect(mkfifo(gate, 0o600) == 0)
            let ready = "\(bench.agent.folder.path)/ready"
            let pid = try await bench.sh("trap '' TERM; : > \(ready); read -r _ < \(gate)")
            try await eventually("the trap") { access(ready, F_OK) == 0 }
            let stopped = try await bench.inbox(of: .stopProcess(pid: pid))
            let other = try await bench.sh("exec sleep 1000")
            try await bench.expect(#"{"stop_process":{"pid":\#(other)}}"#, ["stop_process": ["success": true]])
            #expect(SystemProcess(pid).exists)
            try await bench.expect(
                .queryProcessStatus(pid: pid),
                ["query_process_status": ["running": true, "success": true]])
            let file = open(gate, O_WRONLY)
            #expect(write(file, "\n", 1) == 1)
            close(file)
            #expect(try await stopped() == ["stop_process": ["success": true]])
        }
    }

    @Test(arguments: [0, 1]) func `each request of a burst is answered once`(qos: Int) async throws {
        try await withAgent { bench in
            let count = 5_000
            for number in 0..<count {
                try bench.client.send(
                    bench.topic("control"),
                    Array(#"{"query_process_status":{"pid":1},"id":\#(number),"reply_to":"pm/reply/b"}"#.utf8), qos: qos
                )
            }
            var ids: Set<Int> = []
            for _ in 0..<count {
                ids.insert(try #require(try await bench.client.next(on: "pm/reply/b").value["id"]?.integer))
            }
            #expect(ids.count == count)
        }
    }
}
