import TestSupport
import Testing

/// pm-cluster's state directory is lost, in whole or in part: instances keep running, are listed as orphans, and can be
/// adopted or removed.
@Suite(.serialized) struct LostDirectoryTests {
    @Test(arguments: [false, true]) func `nodes of a lost directory are listed, adopted and removed`(
        forgetsBroker: Bool
    ) async throws {
        try await withCluster { bench in
            for id in ["a", "b"] { _ = try await bench.createNode(id) }
            let pid = try await bench.run("a")
            let bench = try await bench.begin(forgetsBroker: forgetsBroker) { try await bench.empty("state") }
            for id in ["a", "b"] { try await bench.isBad("node", "node \(id) on h1 is in no file of pm-cluster") }
            let orphans = try await bench.method("node", "get_orphans")["orphans"]?.array ?? []
            #expect(orphans.map { $0["node_id"] } == ["a", "b"])
            #expect(try await bench.method("node", .call("adopt_node", ["node_id": "a"]))["status"] == "success")
            try await bench.isRunning("node", "a")
            #expect(SystemProcess(pid).exists)
            #expect(try await bench.method("node", .removeNode("b"))["status"] == "success")
            try await bench.isGone("node", "b")
            #expect(try await bench.method("node", "confirm_state")["status"] == "success")
            try await bench.isGood("node")
            // The adopted node is fully managed.
            #expect(try await bench.method("node", .resetNode("a"))["status"] == "success")
            #expect(try await bench.method("node", .removeNode("a"))["status"] == "success")
            try await bench.isGone("node", "a")
        }
    }

    @Test(arguments: [false, true]) func `VMs of a lost directory are adopted and removed`(forgetsBroker: Bool)
        async throws
    {
        try await withVMs { bench, host in
            try await bench.allocate("v", #"{"name":"web","command":"/bin/x"}"#)
            try await bench.allocate("w")
            if forgetsBroker { host.end() }
            let bench = try await bench.begin(forgetsBroker: forgetsBroker) { try await bench.empty("state") }
            let back = forgetsBroker ? try await FakeHost(bench.broker, renamed: host) : host
            defer { back.end() }
            if forgetsBroker { for id in back.vms { try await back.boot(id) } }
            for id in ["v", "w"] { try await bench.isBad("vm", "vm \(id) on vmhost is in no file of pm-cluster") }
            #expect(try await bench.method("vm", .call("adopt_vm", ["vm_id": "v"]))["status"] == "success")
            try await bench.isRunning("vm", "v")
            let state = try await bench.retainedJSON("pm/cluster/vm/v/state")
            #expect(state?["process_id"] == "web" && state?["memory_mb"] == 128)
            #expect(try await bench.method("vm", .removeVM("w"))["status"] == "success")
            #expect(back.vms == ["v"] && back.processStarts == 2)
            #expect(try await bench.method("vm", .resetVM("v"))["status"] == "success")
            #expect(back.processStarts == 3)
        }
    }

    @Test func `an orphan is left alone after the state is confirmed, and health is good`() async throws {
        try await withVMs { bench, host in
            try await bench.allocate("v")
            var bench = try await bench.begin { try await bench.empty("state") }
            try await bench.isBad("vm", "vm v on vmhost is in no file of pm-cluster")
            #expect(try await bench.method("vm", "confirm_state")["status"] == "success")
            try await bench.isGood("vm")
            bench = try await bench.begin {}
            #expect(try await bench.method("vm", "get_health")["health"] == "good")
            try await eventually("it is still listed") {
                try await bench.method("vm", "get_orphans")["orphans"]?.array?.count == 1
            }
            #expect(host.vms == ["v"])
        }
    }

    @Test func `only the files of nodes and VMs are lost`() async throws {
        try await withVMs { bench, host in
            try await bench.allocate("v")
            try await bench.allocate("w")
            let bench = try await bench.begin { try await bench.empty("state/instances") }
            for id in ["v", "w"] { try await bench.isBad("vm", "vm \(id) on vmhost is in no file of pm-cluster") }
            #expect(host.vms == ["v", "w"])
        }
    }

    @Test func `a directory that is removed while pm-cluster runs is written again`() async throws {
        try await withVMs { bench, host in
            try await bench.allocate("v")
            try await bench.empty("state")
            try await bench.allocate("w")
            #expect(Set(bench.cluster.files) == ["v.json", "w.json"])
            try await bench.restartCluster()
            for id in ["v", "w"] { try await bench.isRunning("vm", id) }
            try await bench.isGood("vm")
            #expect(host.starts == 2)
        }
    }

    @Test func `of two orphans with one name, the request selects one by its host`() async throws {
        try await withVMs { bench, host in
            try await bench.allocate("v")
            let bench = try await bench.begin { try await bench.empty("state") }
            try await bench.isBad("vm", "vm v on vmhost is in no file of pm-cluster")
            let copy = try await FakeHost(bench.broker, "other", renamed: host)
            defer { copy.end() }
            try await bench.isBad("vm", "vm v on other is in no file of pm-cluster")
            let several = try await bench.method("vm", .call("adopt_vm", ["vm_id": "v"]))
            #expect(several["error"]?["code"] == "invalid_argument")
            let adopted = try await bench.method("vm", .call("adopt_vm", ["vm_id": "v", "host": "vmhost"]))
            #expect(adopted["host"] == "vmhost")
            try await bench.isRunning("vm", "v")
            let removed = try await bench.method("vm", .call("remove_vm", ["vm_id": "v", "host": "other"]))
            #expect(removed["status"] == "success")
            #expect(copy.vms == [] && host.vms == ["v"])
        }
    }
}

extension ClusterBench {
    func empty(_ directory: String) async throws {
        let removal = try ChildProcess(
            ["/bin/sh", "-c", #"rm -rf "$0"/*"#, "\(cluster.folder.path)/\(directory)"],
            log: "\(cluster.folder.path)/removal")
        guard try await removal.ended() == 0 else { throw TestError("rm failed") }
    }
}
