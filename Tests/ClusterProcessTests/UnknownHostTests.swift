import TestSupport
import Testing

/// Hosts without retained topics count as offline, whether the topics were cleared or lost.
@Suite(.serialized) struct UnknownHostTests {
    /// Expects `host_offline` in the state, in health, and as the answer to a removal and a reset.
    private func expectOffline(_ bench: ClusterBench, _ kind: String, _ id: String) async throws {
        try await bench.eventuallyRetained("pm/cluster/\(kind)/\(id)/state") {
            $0.text.contains(#""state":"host_offline""#)
        }
        try await bench.eventuallyRetained("pm/cluster/\(kind)/health") {
            $0.text.contains(#""health":"bad""#) && $0.text.contains("\(kind) \(id) is host_offline")
        }
        let removed = try await bench.method(kind, "remove_\(kind)", #"{"\#(kind)_id":"\#(id)"}"#)
        #expect(removed["error"]?["code"] == "host_offline")
        let reset = try await bench.method(kind, "reset_\(kind)", #"{"\#(kind)_id":"\#(id)"}"#)
        #expect(reset["error"]?["code"] == "host_offline")
    }

    /// Kills the host's agent and all that it runs.
    private func killAll(of bench: ClusterBench) async throws {
        let children = bench.host.descendants
        bench.host.kill()
        for process in children { process.kill() }
        try await eventually("they are gone") { bench.host.descendants.isEmpty }
    }

    private func clear(_ host: String, _ bench: ClusterBench) async throws {
        for topic in try await bench.retained("pm/\(host)/#").keys {
            try await bench.client.publish(topic, "", retain: true)
        }
    }

    @Test func `if the topics of a dead host are cleared, its nodes are offline`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode()
            try await killAll(of: bench)
            try await bench.eventuallyRetained("pm/h1/status") { $0.text == "offline" }
            try await clear("h1", bench)
            try await expectOffline(bench, "node", id)
        }
    }

    @Test func `if the topics of a dead host are cleared before pm-cluster starts, its VMs are offline`() async throws {
        try await withVMs { bench, host in
            let allocate = #"{"vm_id":"v","config":{"command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", allocate)["status"] == "success")
            bench.cluster.kill()
            host.end()
            try await bench.eventuallyRetained("pm/vmhost/status") { $0.text == "offline" }
            for gone in ["vmhost", "v"] { try await clear(gone, bench) }
            try await bench.restartCluster()
            try await expectOffline(bench, "vm", "v")
        }
    }

    @Test func `the broker loses all retained messages, and the host is dead`() async throws {
        try await withVMs { bench, host in
            let allocate = #"{"vm_id":"v","config":{"command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", allocate)["status"] == "success")
            bench.broker.kill()
            host.end()
            try await bench.broker.start()
            let fresh = ClusterBench(
                broker: bench.broker, cluster: bench.cluster, hosts: [], client: try await TestClient(bench.broker))
            try await fresh.client.subscribe("pm/reply/#")
            try await fresh.clusterIsOnline()
            // The answer comes when the host counts as offline.
            let removed = try await fresh.method("vm", .removeVM("v"))
            #expect(removed["error"]?["code"] == "host_offline")
            try await fresh.eventuallyRetained("pm/cluster/vm/v/state") { $0.text.contains("host_offline") }
            try await fresh.eventuallyRetained("pm/cluster/vm/health") { $0.text.contains("vm v is host_offline") }
        }
    }

    @Test func `a node that is the host of others is removed together with them, or not at all`() async throws {
        try await withCluster { bench in
            let outer = try await bench.createNode()
            let inner = try await bench.createNode(host: outer)
            let innermost = try await bench.createNode(host: inner)
            let refused = try await bench.method("node", .removeNode(outer))
            #expect(refused["error"]?["code"] == "not_allowed")
            #expect(
                refused["error"]?["detail"]
                    == .string("it is the host of node \(inner): remove those first, or use force"))
            for id in [outer, inner, innermost] {
                #expect(try await bench.agent(id, .call("get_health"))["status"] == "success")
            }
            let forced = try await bench.method(
                "node", .call("remove_node", ["node_id": .string(outer), "force": true]))
            #expect(forced["status"] == "success")
            for id in [outer, inner, innermost] { try await bench.isGone("node", id) }
            #expect(try await bench.method("node", "get_nodes")["nodes"] == [])
            #expect(try await bench.method("node", "get_health")["health"] == "good")
        }
    }

    @Test func `if the host of a node is given up, the nodes on that node are given up as well`() async throws {
        try await withCluster(configuration: #"{"host_lost_after":1}"#) { bench in
            let outer = try await bench.createNode()
            let inner = try await bench.createNode(host: outer)
            try await killAll(of: bench)
            for id in [outer, inner] { try await bench.isGone("node", id) }
        }
    }
}
