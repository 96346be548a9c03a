import TestSupport
import Testing

/// A broker that speaks MQTT 3.1.1 only.
@Suite(.serialized) struct OldProtocolTests {
    @Test func `a node is created and removed, and a retained request is cleared`() async throws {
        try await withBroker { broker in
            let old = try OldBroker(.refusesLikeThree, before: broker)
            let agent = try AgentProcess(url: broker.url)
            let cluster = try ClusterProcess(url: old.url)
            let client = try await TestClient(broker)
            let bench = ClusterBench(broker: broker, cluster: cluster, hosts: [agent], client: client)
            try await client.subscribe("pm/reply/#")
            try await client.publish("pm/cluster/node/control", #"{"method":"create_node"}"#, retain: true)
            try agent.start()
            try await bench.eventuallyRetained("pm/h1/status") { $0.text == "online" }
            try cluster.start()
            try await bench.clusterIsOnline()
            try await eventually("it is cleared") { try await bench.retained("pm/cluster/node/control").isEmpty }
            #expect(try await ask(bench, "get_nodes")["nodes"] == [])
            let id = try #require(try await ask(bench, "create_node")["node_id"]?.string)
            #expect(try await ask(bench, "remove_node", #"{"node_id":"\#(id)"}"#)["status"] == "success")
            try await bench.isGone("node", id)
            try await cluster.stop()
            try await agent.stop()
        }
    }

    /// MQTT 3.1.1 has no response topic property, so the request names `reply_to`.
    private func ask(_ bench: ClusterBench, _ method: String, _ arguments: String = "{}") async throws -> JSONValue {
        try await bench.client.publish(
            "pm/cluster/node/control",
            #"{"method":"\#(method)","args":\#(arguments),"reply_to":"pm/reply/old"}"#)
        return try await bench.client.next(on: "pm/reply/old").value["result"] ?? [:]
    }
}
