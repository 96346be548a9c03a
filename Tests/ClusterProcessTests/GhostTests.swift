import TestSupport
import Testing

/// Late messages of a removed VM.
@Suite(.serialized) struct GhostTests {
    @Test func `the name of a removed VM is free, even if the clearing of its topics was missed`() async throws {
        try await withVMs { bench, host in
            let allocate = #"{"vm_id":"v","config":{"command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", allocate)["status"] == "success")
            let info = try #require(try await bench.retained("pm/v/info")["pm/v/info"])
            #expect(try await bench.method("vm", .removeVM("v"))["status"] == "success")
            try await bench.isGone("vm", "v")
            // Late messages of its agent. pm-cluster reads them after this broker and its retained messages are gone.
            bench.cluster.pause()
            try await bench.client.publish("pm/v/info", info, retain: true)
            try await bench.client.publish("pm/v/health", #"{"health":"good","interval":1}"#, retain: true)
            try await bench.client.publish("pm/v/status", "offline", retain: true)
            bench.broker.kill()
            host.end()
            try await bench.broker.start()
            bench.cluster.resume()
            let fresh = ClusterBench(
                broker: bench.broker, cluster: bench.cluster, hosts: [], client: try await TestClient(bench.broker))
            try await fresh.client.subscribe("pm/reply/#")
            let successor = try await FakeHost(bench.broker)
            defer { successor.end() }
            try await fresh.eventuallyRetained("pm/cluster/vm/health") { $0.text.contains(#""available":1"#) }
            try await eventually("the name is free", within: .seconds(30)) {
                try await fresh.method("vm", "allocate_vm", allocate)["status"] == "success"
            }
        }
    }
}
