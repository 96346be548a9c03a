import TestSupport
import Testing

/// The broker is killed and comes back with all retained messages, also with `online`. Requests of clients that rely on
/// that are answered.
@Suite(.serialized) struct HeldRequestTests {
    @Test func `requests that arrive before pm-cluster is active again are held and then executed, or refused`()
        async throws
    {
        try await withCluster(hosts: [], broker: .init(persistence: true)) { bench in
            // The broker saves its database every second.
            let database = "mosquitto.db"
            try await eventually("the broker has saved it") {
                bench.broker.folder.read(database).contains("pm/cluster/status")
                    && bench.broker.folder.read(database).contains("online")
            }
            // pm-cluster reconnects only after the test client has subscribed.
            bench.cluster.pause()
            bench.broker.kill()
            try await bench.broker.start()
            let client = try await TestClient(bench.broker)
            try await client.subscribe("pm/cluster/status")
            _ = try await client.next { $0.text == "online" && $0.isRetained }
            try await client.subscribe("pm/reply/#")
            bench.cluster.resume()
            // It has reconnected, and waits for an objection of another pm-cluster.
            _ = try await client.next(on: "pm/reply/cluster/claim")
            let count = 250
            for number in 0..<count {
                try await client.publish(
                    "pm/cluster/node/control",
                    #"{"method":"get_nodes","id":\#(number),"reply_to":"pm/reply/x"}"#)
            }
            var counts: [String: Int] = [:]
            var ids: Set<Int> = []
            for _ in 0..<count {
                let answer = try await client.next(on: "pm/reply/x").value
                ids.insert(answer["id"]?.integer ?? -1)
                let result = answer["result"]
                counts[result?["error"]?["code"]?.string ?? result?["status"]?.string ?? "", default: 0] += 1
            }
            #expect(ids == Set(0..<count))
            // How many requests arrive while pm-cluster waits depends on timing.
            #expect(Set(counts.keys).isSubset(of: ["success", "no_capacity"]))
            #expect(counts["success", default: 0] >= 200)
            // A new client: the bench's client was connected to the killed broker.
            let again = ClusterBench(broker: bench.broker, cluster: bench.cluster, hosts: [], client: client)
            try await again.clusterIsOnline()
            #expect(try await again.method("node", "get_nodes")["status"] == "success")
        }
    }
}
