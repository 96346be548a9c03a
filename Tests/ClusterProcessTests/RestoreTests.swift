import Glibc
import TestSupport
import Testing

/// A backup of pm-cluster's state directory is restored: newer instances are not harmed, removed ones stay removed, and
/// health is bad until the state is confirmed.
@Suite(.serialized) struct RestoreTests {
    @Test(arguments: [false, true]) func `nodes that are newer than the backup keep running, with their processes`(
        forgetsBroker: Bool
    ) async throws {
        try await withCluster { bench in
            _ = try await bench.createNode("old")
            try await bench.backUp()
            _ = try await bench.createNode("new", labels: ["rack": "7"])
            let pid = try await bench.run("new")
            let bench = try await bench.restore(forgetsBroker: forgetsBroker)
            try await bench.isBad("node", "node new on h1 is in no file of pm-cluster")
            #expect(SystemProcess(pid).exists)
            var orphans: [JSONValue] = []
            // Its agent may reach the new broker later than its host's agent does.
            try await eventually("its agent is online") {
                orphans = try await bench.method("node", "get_orphans")["orphans"]?.array ?? []
                return orphans.first?["state"] == "running"
            }
            #expect(orphans.count == 1 && orphans[0]["node_id"] == "new" && orphans[0]["host"] == "h1")
            #expect(orphans[0]["labels"] == ["rack": "7"])
            #expect(bench.cluster.log.contains("left node new on h1 alone"))
            // Its name can't be used.
            let taken = try await bench.method("node", .createNode("new"))
            #expect(taken["error"]?["code"] == "name_in_use")

            let adopted = try await bench.method("node", .call("adopt_node", ["node_id": "new"]))
            #expect(
                adopted == [
                    "status": "success", "message": "node adopted successfully", "node_id": "new", "host": "h1",
                ])
            try await bench.isRunning("node", "new")
            #expect(try await bench.method("node", "confirm_state")["status"] == "success")
            try await bench.isGood("node")
            #expect(SystemProcess(pid).exists)
            // After the adoption, it has a file.
            try await bench.restartCluster()
            try await bench.isRunning("node", "new")
            for id in ["old", "new"] {
                #expect(try await bench.method("node", .removeNode(id))["status"] == "success")
                try await bench.isGone("node", id)
            }
            try await bench.isGood("node")
        }
    }

    @Test(arguments: [false, true]) func `a node that was removed after the backup is not started`(forgetsBroker: Bool)
        async throws
    {
        try await withCluster { bench in
            for id in ["kept", "a", "b"] { _ = try await bench.createNode(id) }
            try await bench.backUp()
            for id in ["a", "b"] {
                #expect(try await bench.method("node", .removeNode(id))["status"] == "success")
                try await bench.isGone("node", id)
            }
            let bench = try await bench.restore(forgetsBroker: forgetsBroker)
            for id in ["a", "b"] { try await bench.isBad("node", "node \(id) is held: its host does not know it") }
            try await bench.isRunning("node", "kept")
            #expect(try await bench.agent("h1", .call("get_processes"))["process"]?.array?.count == 1)
            // a is removed; b is started by the confirmation.
            #expect(try await bench.method("node", .removeNode("a"))["status"] == "success")
            try await bench.isGone("node", "a")
            #expect(try await bench.method("node", "confirm_state")["status"] == "success")
            try await bench.isRunning("node", "b")
            try await bench.isGood("node")
        }
    }

    @Test(arguments: [false, true]) func `a node that was reset after the backup is adopted`(forgetsBroker: Bool)
        async throws
    {
        try await withCluster { bench in
            _ = try await bench.createNode("x")
            try await bench.backUp()
            #expect(try await bench.method("node", .resetNode("x"))["status"] == "success")
            let pid = try await bench.run("x")
            let generation = try await bench.retainedJSON("pm/cluster/node/x/state")?["generation"]
            let bench = try await bench.restore(forgetsBroker: forgetsBroker)
            try await bench.isBad("node", "node x is newer than pm-cluster's state, and was adopted")
            try await bench.isRunning("node", "x")
            #expect(try await bench.retainedJSON("pm/cluster/node/x/state")?["generation"] == generation)
            #expect(SystemProcess(pid).exists && bench.cluster.log.contains("adopted node x on h1"))
            #expect(try await bench.method("node", .call("adopt_node", ["node_id": "x"]))["status"] == "success")
            #expect(try await bench.method("node", "confirm_state")["status"] == "success")
            try await bench.isGood("node")
            #expect(try await bench.method("node", .resetNode("x"))["status"] == "success")
            #expect(!SystemProcess(pid).exists)
        }
    }

    @Test func `the same backup, restored repeatedly, harms nothing`() async throws {
        try await withCluster { bench in
            try await bench.backUp()
            _ = try await bench.createNode("first")
            let pid = try await bench.run("first")
            var bench = bench
            for round in 0..<2 {
                bench = try await bench.restore()
                try await bench.isBad("node", "node first on h1 is in no file of pm-cluster")
                // This node is newer than the backup as well.
                _ = try await bench.createNode("n\(round)")
            }
            bench = try await bench.restore()
            for id in ["first", "n0", "n1"] { try await bench.isBad("node", "node \(id) on h1 is in no file") }
            #expect(SystemProcess(pid).exists)
            for id in ["first", "n0", "n1"] {
                #expect(try await bench.method("node", .removeNode(id))["status"] == "success")
                try await bench.isGone("node", id)
            }
            #expect(try await bench.method("node", "get_orphans")["orphans"] == [])
            #expect(try await bench.method("node", "confirm_state")["status"] == "success")
            try await bench.isGood("node")
        }
    }

    @Test func `a backup that is restored while pm-cluster runs is overwritten`() async throws {
        try await withCluster { bench in
            _ = try await bench.createNode("a")
            _ = try await bench.createNode("gone")
            try await bench.backUp()
            _ = try await bench.createNode("b")
            #expect(try await bench.method("node", .removeNode("gone"))["status"] == "success")
            try await bench.putBack()
            // The next change detects it.
            _ = try await bench.createNode("c")
            #expect(Set(bench.cluster.files) == ["a.json", "b.json", "c.json"])
            try await bench.restartCluster()
            for id in ["a", "b", "c"] { try await bench.isRunning("node", id) }
            try await bench.isGood("node")
            // pm-cluster also overwrites it when it ends without another change.
            try await bench.putBack()
            try await bench.cluster.stop()
            try await bench.startCluster()
            for id in ["a", "b", "c"] { try await bench.isRunning("node", id) }
            try await bench.isGood("node")
        }
    }

    @Test func `a backup is restored while the host is offline`() async throws {
        try await withVMs { bench, host in
            try await bench.allocate("old")
            try await bench.backUp()
            try await bench.allocate("new")
            #expect(try await bench.method("vm", .removeVM("old"))["status"] == "success")
            host.end()
            try await bench.eventuallyRetained("pm/vmhost/status") { $0.text == "offline" }
            let bench = try await bench.restore()
            try await bench.isBad("vm", "vm new on vmhost is in no file of pm-cluster")
            let orphans = try await bench.method("vm", "get_orphans")["orphans"]?.array ?? []
            #expect(orphans.first?["state"] == "host_offline" && orphans.first?["process_id"] == "web")
            let late = try await bench.method("vm", .call("adopt_vm", ["vm_id": "new"]))
            #expect(late["error"]?["code"] == "host_offline")
            let back = try await FakeHost(bench.broker, renamed: host)
            defer { back.end() }
            try await bench.isBad("vm", "vm old is held: its host does not know it")
            #expect(back.vms == ["new"] && back.starts == 2)
            #expect(try await bench.method("vm", .call("adopt_vm", ["vm_id": "new"]))["status"] == "success")
            try await bench.isRunning("vm", "new")
            #expect(back.processStarts == 2)
            #expect(bench.cluster.record(of: "new").contains(#""command":"sleep 1000""#))
            #expect(try await bench.method("vm", .removeVM("old"))["status"] == "success")
            #expect(try await bench.method("vm", "confirm_state")["status"] == "success")
            try await bench.isGood("vm")
            #expect(back.vms == ["new"])
        }
    }

    @Test func `a VM that was removed on an offline host is not started after broker and pm-cluster restart`()
        async throws
    {
        try await withVMs { bench, host in
            try await bench.allocate("gone")
            try await bench.backUp()
            #expect(try await bench.method("vm", .removeVM("gone"))["status"] == "success")
            host.end()
            try await bench.eventuallyRetained("pm/vmhost/status") { $0.text == "offline" }
            var bench = try await bench.restore(forgetsBroker: true)
            try await bench.isBad("vm", "vm gone is host_offline")
            bench = try await bench.begin {}
            try await bench.isBad("vm", "vm gone is host_offline")
            // No effect on the VM: while its host is offline, it is unknown whether the VM was removed.
            #expect(try await bench.method("vm", "confirm_state")["status"] == "success")
            bench = try await bench.begin {}
            let back = try await FakeHost(bench.broker, renamed: host)
            defer { back.end() }
            try await bench.isBad("vm", "vm gone is held: its host does not know it")
            #expect(back.starts == 1)
            #expect(try await bench.method("vm", .resetVM("gone"))["status"] == "success")
            #expect(back.vms == ["gone"])
            try await bench.isGood("vm")
        }
    }

    @Test func `a VM that was created again after the backup keeps its new process`() async throws {
        try await withVMs { bench, host in
            try await bench.allocate("v", #"{"name":"first","command":"/bin/x"}"#)
            try await bench.backUp()
            #expect(try await bench.method("vm", .removeVM("v"))["status"] == "success")
            try await bench.isGone("vm", "v")
            try await bench.allocate("v", #"{"name":"second","command":"/bin/y"}"#)
            let bench = try await bench.restore()
            try await bench.isBad("vm", "vm v is newer than pm-cluster's state, and was adopted")
            try await bench.isRunning("vm", "v")
            #expect(try await bench.retainedJSON("pm/cluster/vm/v/state")?["process_id"] == "second")
            #expect(host.processStarts == 2 && host.starts == 2)
            #expect(bench.cluster.record(of: "v").contains("/bin/y"))
        }
    }

    @Test func `a backup that was made during an allocation does not undo the allocation`() async throws {
        try await withVMs { bench, host in
            host.behave { $0.boots = false }
            let creation = try await bench.inbox("vm", .allocateVM("v", .command("/bin/x")))
            try await eventually("it is under way") { host.vms == ["v"] }
            try await bench.backUp()
            try await host.boot("v")
            #expect(try await creation()["result"]?["status"] == "success")
            let bench = try await bench.restore()
            try await bench.isRunning("vm", "v")
            #expect(host.vms == ["v"] && host.processStarts == 1)
        }
    }

    @Test func `a forged lower serial does not hide that the state is older than the fleet`()
        async throws
    {
        try await withVMs { bench, host in
            try await bench.allocate("old")
            try await bench.backUp()
            try await bench.allocate("new")
            let id = try #require(try await bench.retainedJSON("pm/cluster/serial")?["id"]?.string)
            bench.cluster.kill()
            try await bench.client.publish("pm/cluster/serial", #"{"id":"\#(id)","serial":0}"#, retain: true)
            let bench = try await bench.restore()
            try await bench.isBad("vm", "vm new on vmhost is in no file of pm-cluster")
            try await bench.isBad("vm", "pm-cluster's state is older than the fleet")
            #expect(host.vms == ["new", "old"])
            // While pm-cluster runs, it overwrites the serial of other clients.
            let serial = try await bench.retained("pm/cluster/serial")
            try await bench.client.publish("pm/cluster/serial", "{}", retain: true)
            try await eventually("the serial is corrected") { try await bench.retained("pm/cluster/serial") == serial }
        }
    }

    @Test func `a pm-cluster with an older copy of the directory harms nothing when it takes over`()
        async throws
    {
        try await withVMs { bench, host in
            try await bench.allocate("old")
            try await bench.backUp()
            let second = try ClusterProcess(url: bench.broker.url)
            try await bench.copyBackup(to: second)
            try await bench.allocate("new")
            #expect(try await bench.method("vm", .removeVM("old"))["status"] == "success")
            // It ends while the first one is active.
            try second.start()
            #expect(try await second.ended() == 111 << 8)
            try await bench.cluster.stop()
            try second.start()
            try await bench.clusterIsOnline()
            try await bench.isBad("vm", "vm new on vmhost is in no file of pm-cluster")
            try await bench.isBad("vm", "vm old is held")
            #expect(host.vms == ["new"])
            // The same for the first one, after the second has made changes.
            #expect(try await bench.method("vm", .removeVM("new"))["status"] == "success")
            try await second.stop()
            try await bench.startCluster()
            try await bench.isBad("vm", "vm new is held")
            #expect(host.vms == [])
        }
    }
}
