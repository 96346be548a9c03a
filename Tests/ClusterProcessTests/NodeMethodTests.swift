import Glibc
import TestSupport
import Testing

/// The methods of nodes, with complete answers.
@Suite(.serialized) struct NodeMethodTests {
    @Test func `a node is created, used, reset and removed as docs/cluster.md describes`() async throws {
        try await withCluster { bench in
            let create = #"{"method":"create_node","args":{"labels":{"rack":"7"}},"id":"c1"}"#
            let answer = try await bench.ask("node", create)
            let id = try #require(answer["result"]?["node_id"]?.string)
            #expect(
                answer == [
                    "request": try JSONValue(create), "id": "c1",
                    "result": [
                        "status": "success", "message": "node started successfully", "node_id": .string(id),
                        "host": "h1",
                    ],
                ])
            // The retained answer and state match.
            #expect(
                try await bench.retainedJSON("pm/cluster/node/response") == answer)
            let topic = "pm/cluster/node/\(id)/state"
            let state = try #require(try await bench.retainedJSON(topic))
            #expect(state["node_id"]?.string == id && state["host"] == "h1" && state["state"] == "running")
            #expect(state["want"] == "up" && state["labels"] == ["rack": "7"])

            let run = #"{"node_id":"\#(id)","config":{"name":"web","command":"sleep 1000"}}"#
            let started = try await bench.method("node", "run_process_on_node", run)
            let pid = try #require(started["pid"]?.integer)
            #expect(
                started == [
                    "status": "success", "message": "process started successfully", "process_id": "web",
                    "pid": .number(Double(pid)),
                ])
            #expect(SystemProcess(pid).arguments == ["sleep", "1000"])

            #expect(
                try await bench.method("node", .resetNode(id))
                    == ["status": "success", "message": "node reset successfully"])
            #expect(!SystemProcess(pid).exists)
            let again = try await bench.agent(id, .getProcess("web"))["process"]
            #expect(again?["state"] == "running")
            let nodes = try await bench.method("node", "get_nodes")["nodes"]?.array ?? []
            #expect(nodes.count == 1 && nodes[0]["node_id"]?.string == id && nodes[0]["state"] == "running")
            #expect(nodes[0]["generation"] != state["generation"])

            let health = try await bench.method("node", "get_health")
            #expect(health["status"] == "success" && health["health"] == "good" && health["reasons"] == [])
            #expect(health["nodes"]?["running"] == 1 && health["hosts"] == ["online": 1, "available": 1])

            #expect(
                try await bench.method("node", .removeNode(id))
                    == ["status": "success", "message": "Node kill successfully"])
            try await bench.isGone("node", id)
            #expect(try await bench.method("node", "get_nodes")["nodes"] == [])
        }
    }

    @Test func `a name is free again once its node is removed`() async throws {
        try await withCluster { bench in
            for _ in 0..<3 {
                for method in ["create_node", "remove_node"] {
                    let result = try await bench.method("node", method, #"{"node_id":"blue"}"#)
                    #expect(result["status"] == "success", "\(method): \(result)")
                }
            }
        }
    }

    @Test func `a duplicate request creates no second node`() async throws {
        try await withCluster { bench in
            let create = #"{"method":"create_node","id":7,"timestamp":\#(time(nil))}"#
            let first = try await bench.inbox("node", create)
            let second = try await bench.inbox("node", create)
            let answer = try await first()
            #expect(try await second() == answer)
            #expect(try await bench.ask("node", create) == answer)
            #expect(try await bench.method("node", "get_nodes")["nodes"]?.array?.count == 1)
        }
    }

    @Test func `a retained request is not executed, and is cleared`() async throws {
        try await withCluster { bench in
            try await bench.cluster.stop()
            try await bench.client.publish("pm/cluster/node/control", #"{"method":"create_node"}"#, retain: true)
            try bench.cluster.start()
            try await bench.clusterIsOnline()
            try await eventually("it is cleared") { try await bench.retained("pm/cluster/node/control").isEmpty }
            #expect(try await bench.method("node", "get_nodes")["nodes"] == [])
        }
    }

    @Test func `an expired request and a forbidden reply topic are refused`() async throws {
        try await withCluster { bench in
            let late = try await bench.ask("node", .call("create_node").with("timestamp", 1))["result"]
            #expect(late?["error"]?["code"] == "expired")
            #expect(late?["error"]?["clock"]?.number ?? 0 > 1)
            #expect(late?["message"] == "node failed to start")
            try await bench.client.publish(
                "pm/cluster/node/control", #"{"method":"create_node","reply_to":"pm/h1/status"}"#)
            try await bench.eventuallyRetained("pm/cluster/node/response") { $0.text.contains("reply topic") }
            #expect(try await bench.method("node", "get_nodes")["nodes"] == [])
        }
    }

    @Test func `a node that is killed is restarted with its processes`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode()
            _ = try await bench.method(
                "node", .runProcess(.sleep("web").restart("always", delay: 0), onNode: id)
            )
            let pid = try #require(
                try await bench.agent("h1", .getProcess(id))["process"]?["pid"]?.integer)
            let topic = "pm/cluster/node/\(id)/state"
            let watcher = try await TestClient(bench.broker)
            try await watcher.subscribe(topic)
            SystemProcess(pid).kill()
            _ = try await watcher.next { $0.text.contains(#""state":"down""#) }
            try await bench.eventuallyRetained(topic) { $0.text.contains(#""state":"running""#) }
            try await bench.eventuallyRetained("pm/\(id)/process/web") { $0.text.contains(#""state":"running""#) }
            try await bench.eventuallyRetained("pm/cluster/node/health") { $0.text.contains(#""health":"good""#) }
        }
    }

    @Test func `nodes are spread over the hosts, unless the request names a host`() async throws {
        try await withCluster(hosts: ["h1", "h2"]) { bench in
            let answers = try await [
                bench.inbox("node", .call("create_node")), bench.inbox("node", .call("create_node")),
            ]
            var hosts: Set<String> = []
            for answer in answers { hosts.insert(try await answer()["result"]?["host"]?.string ?? "") }
            #expect(hosts == ["h1", "h2"])
            let pinned = try await bench.method("node", .createNode("mine", host: "h2"))
            #expect(pinned["host"] == "h2" && pinned["node_id"] == "mine")
        }
    }

    @Test func `twenty nodes at once`() async throws {
        try await withCluster { bench in
            var answers: [() async throws -> JSONValue] = []
            for _ in 0..<20 { answers.append(try await bench.inbox("node", .call("create_node"))) }
            // Other requests are answered meanwhile.
            #expect(try await bench.method("node", "get_health")["status"] == "success")
            var ids: Set<String> = []
            for answer in answers { ids.insert(try await answer()["result"]?["node_id"]?.string ?? "") }
            #expect(ids.count == 20 && !ids.contains(""))
            let removals = try await ids.asyncMap { id in
                try await bench.inbox("node", .removeNode(id))
            }
            for removal in removals { #expect(try await removal()["result"]?["status"] == "success") }
            #expect(bench.cluster.files.isEmpty)
        }
    }
}

extension Collection {
    func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
