import Glibc
import TestSupport
import Testing

/// A host gets another name and keeps its state directory: its instances keep running and stay managed.
@Suite(.serialized) struct RenamedHostTests {
    /// Creates a node with a process, and returns the pids of both.
    private func startNode(_ bench: ClusterBench, _ id: String) async throws -> [Int] {
        _ = try await bench.createNode(id)
        let run = #"{"node_id":"\#(id)","config":{"name":"web","command":"sleep 1000"}}"#
        let process = try await bench.method("node", "run_process_on_node", run)["pid"]?.integer
        return [try #require(process), try #require(try await pid(bench, id, on: "h1"))]
    }

    private func pid(_ bench: ClusterBench, _ id: String, on host: String) async throws -> Int? {
        try await bench.agent(host, .getProcess(id))["process"]?["pid"]?.integer
    }

    /// Expects that the same node runs under the host's new name, and that it can be reset and removed.
    private func expectTakenOver(_ bench: ClusterBench, _ id: String, _ pids: [Int]) async throws {
        try await bench.eventuallyRetained("pm/cluster/node/\(id)/state") {
            $0.text.contains(#""host":"h2""#) && $0.text.contains(#""state":"running""#)
        }
        #expect(try await pid(bench, id, on: "h2") == pids[1])
        #expect(pids.allSatisfy { SystemProcess($0).exists })
        try await bench.eventuallyRetained("pm/cluster/node/health") { $0.text.contains(#""health":"good""#) }
        #expect(bench.cluster.log.contains("node \(id) is on h2 now"))
        #expect(try await bench.method("node", .resetNode(id))["status"] == "success")
        #expect(try await bench.method("node", .removeNode(id))["status"] == "success")
        try await bench.isGone("node", id)
    }

    private func rename(_ bench: ClusterBench) async throws {
        bench.host.kill()
        try await bench.eventuallyRetained("pm/h1/status") { $0.text == "offline" }
        bench.host.rename("h2")
        try bench.host.start()
        try await bench.eventuallyRetained("pm/h2/status") { $0.text == "online" }
    }

    @Test func `a host is renamed`() async throws {
        try await withCluster { bench in
            let pids = try await startNode(bench, "x")
            try await rename(bench)
            try await expectTakenOver(bench, "x", pids)
        }
    }

    @Test func `a host is renamed while pm-cluster is down`() async throws {
        try await withCluster { bench in
            let pids = try await startNode(bench, "x")
            try await bench.cluster.stop()
            try await rename(bench)
            try await bench.startCluster()
            try await expectTakenOver(bench, "x", pids)
        }
    }

    @Test func `a host is renamed, and the topics of its old name are cleared before pm-cluster starts`() async throws {
        try await withCluster { bench in
            let pids = try await startNode(bench, "x")
            try await bench.cluster.stop()
            try await rename(bench)
            for topic in try await bench.retained("pm/h1/#").keys {
                try await bench.client.publish(topic, "", retain: true)
            }
            try await bench.startCluster()
            try await expectTakenOver(bench, "x", pids)
        }
    }

    @Test func `a removal on an offline host is executed after the host was renamed`() async throws {
        try await withCluster { bench in
            _ = try await startNode(bench, "x")
            bench.host.kill()
            try await bench.eventuallyRetained("pm/h1/status") { $0.text == "offline" }
            let removal = try await bench.method("node", .removeNode("x"))
            #expect(removal["error"]?["code"] == "host_offline")
            try await rename(bench)
            try await bench.isGone("node", "x")
        }
    }

    @Test func `a host with VMs is renamed`() async throws {
        try await withVMs { bench, host in
            let allocate = #"{"vm_id":"v","config":{"command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", allocate)["status"] == "success")
            host.end()
            try await bench.eventuallyRetained("pm/vmhost/status") { $0.text == "offline" }
            let renamed = try await FakeHost(bench.broker, "other", renamed: host)
            defer { renamed.end() }
            try await bench.eventuallyRetained("pm/cluster/vm/v/state") {
                $0.text.contains(#""host":"other""#) && $0.text.contains(#""state":"running""#)
            }
            #expect(renamed.vms == ["v"] && renamed.starts == 1 && renamed.processStarts == 1)
            #expect(try await bench.method("vm", .removeVM("v"))["status"] == "success")
            #expect(renamed.vms == [])
        }
    }

    @Test func `of two hosts with the same VM, the one in pm-cluster's file keeps it until it is offline`()
        async throws
    {
        try await withVMs { bench, host in
            let allocate = #"{"vm_id":"v","config":{"command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", allocate)["status"] == "success")
            let copy = try await FakeHost(bench.broker, "other", renamed: host)
            defer { copy.end() }
            try await eventually("the copy is inspected") { copy.inspections(of: "v") > 0 }
            #expect(try await bench.retainedJSON("pm/cluster/vm/v/state")?["host"] == "vmhost")
            host.end()
            try await bench.eventuallyRetained("pm/cluster/vm/v/state") { $0.text.contains(#""host":"other""#) }
            #expect(copy.vms == ["v"] && host.vms == ["v"])
        }
    }
}
