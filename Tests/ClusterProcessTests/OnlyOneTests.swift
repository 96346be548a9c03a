import TestSupport
import Testing

/// Two pm-clusters on one broker or with one state directory.
@Suite(.serialized) struct OnlyOneTests {
    @Test func `a second pm-cluster on a broker ends with a reason, and the first is not disturbed`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode()
            let second = try ClusterProcess(url: bench.broker.url)
            try second.start()
            #expect(try await second.ended() == 111 << 8)
            #expect(second.log.contains("another pm-cluster"))
            #expect(try await bench.retained("pm/cluster/status") == ["pm/cluster/status": "online"])
            let nodes = try await bench.method("node", "get_nodes")["nodes"]?.array ?? []
            #expect(nodes.count == 1 && nodes[0]["node_id"]?.string == id && nodes[0]["state"] == "running")
        }
    }

    @Test func `a second pm-cluster with the same state directory ends at once`() async throws {
        try await withCluster { bench in
            let folder = try TemporaryFolder()
            let second = try ChildProcess(bench.cluster.command, log: "\(folder.path)/log")
            #expect(try await second.ended() == 111 << 8)
            #expect(folder.read("log").contains("another pm-cluster uses"))
        }
    }

    @Test func `a stale online status delays the next pm-cluster only shortly`() async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker)
            try await client.publish("pm/cluster/status", "online", retain: true)
            let cluster = try ClusterProcess(url: broker.url)
            try cluster.start()
            try await client.subscribe("pm/cluster/node/health")
            _ = try await client.next(on: "pm/cluster/node/health")
            try await cluster.stop()
        }
    }

    @Test func `of two pm-clusters that start at the same moment, one stays`() async throws {
        try await withBroker { broker in
            let two = try [ClusterProcess(url: broker.url), ClusterProcess(url: broker.url)]
            for cluster in two { try cluster.start() }
            try await eventually("one ends") { two.count(where: \.isRunning) == 1 }
            let watcher = try await TestClient(broker)
            try await watcher.subscribe("pm/cluster/status")
            _ = try await watcher.next { $0.text == "online" }
            for cluster in two where cluster.isRunning { try await cluster.stop() }
        }
    }
}
