import JSONCodec
import TestSupport
import Testing

@testable import pmctl

/// `pmctl node` and `pmctl vm`.
@Suite(.serialized) struct ClusterTests {
    /// A test double of pm-cluster.
    private struct FakeCluster {
        let client: TestClient

        init(_ broker: Broker, status: String = "online") async throws {
            client = try await TestClient(broker)
            try await client.subscribe("pm/cluster/+/control")
            try await client.publish("pm/cluster/status", status, retain: true)
        }

        /// Answers the next request.
        ///
        /// - Returns: its topic and the request.
        func answerNext(_ result: JSON) async throws -> (topic: String, request: JSON) {
            let message = try await client.next { $0.topic.hasSuffix("/control") }
            let request = try Samples.json(message.text)
            let topic = try #require(request["reply_to"]?.string)
            let answer = JSON.object([.init("request", request), .init("result", result)])
            try await client.publish(topic, answer.printed())
            return (message.topic, request)
        }
    }

    struct Case: Sendable {
        let words: [String]
        let kind: String
        let request: JSON
        let result: JSON
        let output: String

        init(_ words: [String], _ kind: String, _ request: JSON, _ result: JSON, _ output: String) {
            self.words = words
            self.kind = kind
            self.request = request
            self.result = result
            self.output = output
        }
    }

    static let cases = [
        Case(
            ["node", "create", "blue", "--host", "h1", "--label", "rack=7"], "node",
            ["method": "create_node", "args": ["host": "h1", "node_id": "blue", "labels": ["rack": "7"]]],
            ["status": "success", "node_id": "blue", "host": "h1"], "created blue on h1"),
        Case(
            ["node", "rm", "blue"], "node", ["method": "remove_node", "args": ["node_id": "blue"]],
            ["status": "success"], "removed blue"),
        Case(
            ["node", "rm", "--force", "blue"], "node",
            ["method": "remove_node", "args": ["node_id": "blue", "force": true]], ["status": "success"],
            "removed blue"),
        Case(
            ["node", "adopt", "--host", "h1", "blue"], "node",
            ["method": "adopt_node", "args": ["node_id": "blue", "host": "h1"]],
            ["status": "success", "node_id": "blue", "host": "h1"], "adopted blue on h1"),
        Case(
            ["node", "confirm"], "node", ["method": "confirm_state", "args": [:]], ["status": "success"], "confirmed"),
        Case(
            ["vm", "adopt", "v1"], "vm", ["method": "adopt_vm", "args": ["vm_id": "v1"]],
            ["status": "success", "vm_id": "v1", "host": "h1"], "adopted v1 on h1"),
        Case(["vm", "confirm"], "vm", ["method": "confirm_state", "args": [:]], ["status": "success"], "confirmed"),
        Case(
            ["vm", "rm", "--host", "h1", "v1"], "vm",
            ["method": "remove_vm", "args": ["vm_id": "v1", "host": "h1"]], ["status": "success"], "removed v1"),
        Case(
            ["node", "reset", "blue"], "node", ["method": "reset_node", "args": ["node_id": "blue"]],
            ["status": "success"], "reset blue"),
        Case(
            ["node", "run", "blue", "--name", "web", "--env", "A=b", "--", "python3", "-V"], "node",
            [
                "method": "run_process_on_node",
                "args": [
                    "node_id": "blue", "config": ["command": ["python3", "-V"], "name": "web", "env": ["A": "b"]],
                ],
            ],
            ["status": "success", "process_id": "web", "pid": .number(7)], "started web on blue, pid 7"),
        Case(
            ["vm", "allocate", "--id", "v1", "--memory", "256", "--cpus", "2", "--", "/bin/app"], "vm",
            [
                "method": "allocate_vm",
                "args": [
                    "config": ["command": ["/bin/app"]], "vm_id": "v1", "memory_mb": .number(256), "cpus": .number(2),
                ],
            ],
            ["status": "success", "vm_id": "v1", "host": "h1", "process_id": "app-1", "pid": .number(70)],
            "allocated v1 on h1: app-1 runs, pid 70"),
        Case(
            ["vm", "rm", "v1"], "vm", ["method": "remove_vm", "args": ["vm_id": "v1"]], ["status": "success"],
            "removed v1"),
        Case(
            ["vm", "reset", "v1"], "vm", ["method": "reset_vm", "args": ["vm_id": "v1"]], ["status": "success"],
            "reset v1"),
    ]

    @Test func `each command sends one request and prints the answer in one line`() async throws {
        try await withBroker { broker in
            let cluster = try await FakeCluster(broker)
            for one in Self.cases {
                let run = try Pmctl(broker).start(one.words)
                let (topic, request) = try await cluster.answerNext(one.result)
                #expect(topic == "pm/cluster/\(one.kind)/control")
                #expect(
                    request["method"] == one.request["method"] && request["args"] == one.request["args"], "\(one.words)"
                )
                let result = try await run.result()
                #expect(result.output == one.output + "\n" && result.exitCode == 0, "\(result.errors)")
            }
        }
    }

    @Test(arguments: [["node", "create"], ["vm", "allocate", "--", "true"]])
    func `a node or VM without a name gets one`(words: [String]) async throws {
        try await withBroker { broker in
            let cluster = try await FakeCluster(broker)
            let run = try Pmctl(broker).start(words)
            let (_, request) = try await cluster.answerNext(["status": "success"])
            let id = try #require((request["args"]?["node_id"] ?? request["args"]?["vm_id"])?.string)
            #expect(id.hasPrefix("\(words[0])-") && id.utf8.count > 8)
            _ = try await run.result()
        }
    }

    @Test func `lists are printed as tables, or as the JSON that was received`() async throws {
        try await withBroker { broker in
            let cluster = try await FakeCluster(broker)
            let node: JSON = ["node_id": "blue", "host": "h1", "state": "down", "reason": "its agent is gone"]
            var run = try Pmctl(broker).start(["node", "ls"])
            _ = try await cluster.answerNext(["status": "success", "nodes": [node]])
            #expect(
                try await run.result().lines == [
                    "NODE  HOST  STATE  AGE  REASON", "blue  h1    down     -  its agent is gone",
                ])
            let vm: JSON = [
                "vm_id": "v1", "host": "h1", "state": "running", "memory_mb": .number(128), "cpus": .number(1),
                "process_id": "app", "pid": .number(70),
            ]
            run = try Pmctl(broker).start(["vm", "ls"])
            _ = try await cluster.answerNext(["status": "success", "process": [vm]])
            #expect(
                try await run.result().lines == [
                    "VM  HOST  STATE    MEMORY  CPUS  PROCESS  PID  AGE  REASON",
                    "v1  h1    running    128M     1  app       70    -  -",
                ])
            let ended =
                (vm.members ?? []).filter { $0.key != "pid" } + [
                    .init("process_state", "exited"), .init("exit_code", .number(3)),
                ]
            run = try Pmctl(broker).start(["vm", "ls"])
            _ = try await cluster.answerNext(["status": "success", "process": [.object(ended)]])
            #expect(
                try await run.result().lines.last
                    == "v1  h1    running    128M     1  app        -    -  its process has ended with exit code 3")
            for (kind, orphan) in [("node", node), ("vm", vm)] {
                run = try Pmctl(broker).start([kind, "ls", "--orphans", "--json"])
                let (_, request) = try await cluster.answerNext(["status": "success", "orphans": [orphan]])
                #expect(request["method"] == "get_orphans")
                #expect(try Samples.json(try await run.result().output) == [orphan])
            }
            run = try Pmctl(broker).start(["vm", "ls", "--json"])
            _ = try await cluster.answerNext(["status": "success", "process": [vm]])
            let listed = try await run.result().output
            #expect(try Samples.json(listed) == [vm])
        }
    }

    @Test func `no pm-cluster, a refusal and no answer are errors`() async throws {
        try await withBroker { broker in
            let nobody = try await Pmctl(broker).run("node", "ls")
            #expect(nobody.errors == "pmctl: no pm-cluster is online\n" && nobody.exitCode == 5)
            let cluster = try await FakeCluster(broker)
            let run = try Pmctl(broker).start(["node", "rm", "x"])
            _ = try await cluster.answerNext([
                "status": "failed", "message": "Node failed to be killed",
                "error": ["code": "no_such_node", "detail": "there is no node x"],
            ])
            let refused = try await run.result()
            #expect(
                refused.errors == "pmctl: Node failed to be killed: there is no node x\n" && refused.exitCode == 4)
            let silent = try await Pmctl(broker).run("node", "rm", "x", "--timeout", "0.2")
            #expect(silent.errors.hasPrefix("pmctl: no answer from pm-cluster in 0.2 s; it may still"))
        }
    }

    @Test(arguments: [
        ["node", "create", "-x"], ["node", "rm"], ["node", "run", "n"], ["vm", "allocate"], ["vm", "rm", "hub"],
    ])
    func `a usage error is one line and exit code 100`(words: [String]) async throws {
        let result = try await Pmctl(url: "unix:///nowhere").start(words).result()
        #expect(result.exitCode == 100 && result.errors.split(separator: "\n").count == 1)
    }

    @Test(arguments: ["vm reset v1", "vm allocate --id v1 -- true", "node create v1", "vm rm v1"])
    func `on a terminal each stage is shown once`(line: String) async throws {
        try await withBroker { broker in
            let cluster = try await FakeCluster(broker)
            async let shown = Pmctl(broker).run(onTerminal: 80, "$PMCTL \(line)")
            let message = try await cluster.client.next { $0.topic.hasSuffix("/control") }
            let request = try Samples.json(message.text)
            let kind = message.topic.split(separator: "/")[2]
            for rest in [
                #""state":"queued""#, #""state":"starting","stage":"launching","host":"h1""#,
                #""state":"starting","stage":"booting","host":"h1""#,
                #""state":"starting","stage":"booting","host":"h1","pid":1"#,
                #""state":"running","host":"h1""#,
            ] {
                try await cluster.client.publish("pm/cluster/\(kind)/v1/state", "{\(rest)}", retain: true)
            }
            let topic = try #require(request["reply_to"]?.string)
            try await cluster.client.publish(
                topic, JSON.object([.init("request", request), .init("result", ["status": "success"])]).printed())
            let lines = try await shown.output.split(separator: "\r\n").map(String.init)
            #expect(
                lines.dropLast() == [
                    "v1 is queued", "v1 is starting on h1: waiting for its host", "v1 is starting on h1: booting",
                ])
        }
    }

    @Test func `without a terminal no stages are shown`() async throws {
        try await withBroker { broker in
            let cluster = try await FakeCluster(broker)
            let run = try Pmctl(broker).start(["vm", "reset", "v1"])
            let message = try await cluster.client.next { $0.topic.hasSuffix("/control") }
            try await cluster.client.publish("pm/cluster/vm/v1/state", #"{"state":"starting"}"#, retain: true)
            let topic = try #require(try Samples.json(message.text)["reply_to"]?.string)
            let request = try Samples.json(message.text)
            try await cluster.client.publish(
                topic, JSON.object([.init("request", request), .init("result", ["status": "success"])]).printed())
            let result = try await run.result()
            #expect(result.output == "reset v1\n" && result.errors.isEmpty)
        }
    }

    @Test func `commands work with a real pm-cluster`() async throws {
        try await withCluster { bench in
            let pmctl = Pmctl(bench.broker)
            let created = try await pmctl.run("node", "create", "blue")
            #expect(created.output == "created blue on h1\n", "\(created.errors)")
            let started = try await pmctl.run("node", "run", "blue", "--name", "s", "--", "sleep", "1000")
            #expect(started.output.hasPrefix("started s on blue, pid "), "\(started.errors)")
            let reset = try await pmctl.run("node", "reset", "blue")
            #expect(reset.output == "reset blue\n", "\(reset.errors)")
            for words in [["node", "ls"], ["ps", "blue"]] {
                let listed = try await pmctl.start(words).result()
                #expect(listed.lines.count == 2, "\(listed)")
            }
            let removed = try await pmctl.run("node", "rm", "blue")
            #expect(removed.output == "removed blue\n", "\(removed.errors)")
            let vms = try await pmctl.run("vm", "ls")
            #expect(vms.lines.count == 1)
        }
    }
}
