import Glibc
import TestSupport
import Testing

/// pm-cluster or the broker is killed at random moments: in the end, each node either runs or is removed completely.
@Suite(.serialized) struct CrashTests {
    /// Waits until each node is running or gone, and checks that nothing is left of those that are gone.
    private func settle(_ bench: ClusterBench, _ ids: [String]) async throws {
        for id in ids {
            let topic = "pm/cluster/node/\(id)/state"
            try await eventually("\(id) runs or is gone") {
                guard let state = try await bench.retainedJSON(topic) else { return true }
                return state["state"] == "running"
            }
            if try await bench.retainedJSON(topic)?["state"] != "running" {
                try await bench.isGone("node", id)
            } else {
                // It runs processes.
                let result = try await bench.method(
                    "node", .runProcess(.command("true").with("persist", false), onNode: id))
                #expect(result["status"] == "success", "\(id): \(result)")
            }
        }
    }

    @Test func `pm-cluster is killed while it creates, removes and resets nodes`() async throws {
        var seed = Seed.fresh()
        try await withCluster { bench in
            for round in 0..<12 {
                let ids = (0..<3).map { "n\(round)-\($0)" }
                let kept = try await bench.createNode("k\(round)")
                let leaving = try await bench.createNode("l\(round)")
                for id in ids {
                    try await bench.client.publish(
                        "pm/cluster/node/control", #"{"method":"create_node","args":{"node_id":"\#(id)"}}"#)
                }
                for (method, id) in [("reset_node", kept), ("remove_node", leaving)] {
                    try await bench.client.publish(
                        "pm/cluster/node/control", #"{"method":"\#(method)","args":{"node_id":"\#(id)"}}"#)
                }
                // Not synchronisation: the moment of the kill is random.
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<60_000, using: &seed)))
                try await bench.restartCluster()
                do {
                    try await settle(bench, ids + [kept, leaving])
                } catch {
                    throw TestError("round \(round), \(seed): \(error)")
                }
                #expect(try await bench.retained("pm/cluster/node/\(kept)/state").count == 1)
                // The next round begins without nodes.
                let nodes = try await bench.method("node", "get_nodes")["nodes"]?.array ?? []
                for node in nodes {
                    let id = node["node_id"]?.string ?? ""
                    #expect(
                        try await bench.method("node", .removeNode(id))["status"] == "success")
                    try await bench.isGone("node", id)
                }
            }
            #expect(bench.cluster.files.isEmpty)
        }
    }

    @Test func `requests that are pending when pm-cluster is killed are answered after its restart`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode()
            // With a stopped worker, the removal stays pending.
            let worker = try #require(bench.host.worker)
            worker.kill(SIGSTOP)
            let removal = try await bench.inbox("node", .removeNode(id).id("r"))
            let creation = try await bench.inbox("node", .createNode("late").id("c"))
            try await eventually("both are saved") { bench.cluster.files.contains("late.json") }
            bench.cluster.kill()
            try bench.cluster.start()
            let created = try await creation()
            #expect(created["id"] == "c" && created["result"]?["status"] == "failed")
            worker.kill(SIGCONT)
            let removed = try await removal()
            #expect(removed["id"] == "r" && removed["result"]?["status"] == "success")
            try await bench.isGone("node", id)
            try await bench.isGone("node", "late")
        }
    }

    @Test func `pm-cluster is stopped and started again: its nodes keep running and stay managed`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode()
            #expect(try await bench.cluster.stop() == 0)
            try await bench.eventuallyRetained("pm/cluster/status") { $0.text == "offline" }
            #expect(try await bench.agent(id, .call("get_health"))["status"] == "success")
            try bench.cluster.start()
            try await bench.clusterIsOnline()
            try await settle(bench, [id])
            #expect(try await bench.retained("pm/cluster/node/\(id)/state").count == 1)
        }
    }

    @Test func `the broker is restarted`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode()
            try await bench.broker.restart()
            try await bench.isOnlineAgain(settleOn: id)
            let client = try await TestClient(bench.broker)
            try await client.subscribe("pm/reply/x")
            try await client.publish(
                "pm/cluster/node/control",
                #"{"method":"remove_node","args":{"node_id":"\#(id)"},"reply_to":"pm/reply/x"}"#)
            #expect(
                try await client.next(on: "pm/reply/x", within: TestClient.patience).value["result"]?["status"]
                    == "success")
        }
    }
}

extension ClusterBench {
    /// Uses new clients, as the connections of the old ones are lost.
    fileprivate func isOnlineAgain(settleOn id: String) async throws {
        try await eventuallyRetained("pm/cluster/status") { $0.text == "online" }
        try await eventuallyRetained("pm/cluster/node/\(id)/state") { $0.text.contains(#""state":"running""#) }
    }
}
