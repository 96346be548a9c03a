import Glibc
import TestSupport
import Testing

/// Hosts go offline, come back, or are given up.
@Suite(.serialized) struct HostTests {
    @Test func `a host's agent is killed and restarted: its nodes keep running`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode()
            bench.host.kill()
            try await bench.eventuallyRetained("pm/h1/status") { $0.text == "offline" }
            // The node keeps running without it.
            #expect(try await bench.agent(id, .call("get_health"))["status"] == "success")
            let refused = try await bench.method("node", "create_node")
            #expect(refused["error"]?["code"] == "no_capacity")
            let pinned = try await bench.method("node", .createNode(host: "h1"))
            #expect(pinned["error"]?["code"] == "host_offline")
            #expect(
                try await bench.method("node", .resetNode(id))["error"]?["code"]
                    == "host_offline")
            try bench.host.start()
            try await bench.eventuallyRetained("pm/h1/status") { $0.text == "online" }
            #expect(try await bench.method("node", .resetNode(id))["status"] == "success")
            #expect(try await bench.method("node", .removeNode(id))["status"] == "success")
            try await bench.isGone("node", id)
        }
    }

    @Test func `a removal on an offline host is executed when the host is online again`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode()
            bench.host.kill()
            try await bench.eventuallyRetained("pm/h1/status") { $0.text == "offline" }
            let result = try await bench.method("node", .removeNode(id))
            #expect(result["message"] == "Node failed to be killed" && result["error"]?["code"] == "host_offline")
            try bench.host.start()
            try await bench.eventuallyRetained("pm/h1/status") { $0.text == "online" }
            try await bench.isGone("node", id)
        }
    }

    @Test func `a host that stays offline is given up, and its nodes are removed when it comes back`() async throws {
        try await withCluster(configuration: #"{"host_lost_after":1}"#) { bench in
            let id = try await bench.createNode()
            let watcher = try await TestClient(bench.broker)
            try await watcher.subscribe("pm/cluster/node/health")
            let children = bench.host.descendants
            bench.host.kill()
            for process in children { process.kill() }
            _ = try await watcher.next { $0.text.contains("node \(id) is host_offline") }
            try await eventually("the node is given up") { bench.cluster.files.isEmpty }
            try await eventually("its topics are cleared") {
                let topics = try await bench.retained("pm/\(id)/#")
                let states = try await bench.retained("pm/cluster/node/+/state")
                return topics.isEmpty && states.isEmpty
            }
            #expect(
                try await bench.method("node", .removeNode(id))["error"]?["code"]
                    == "no_such_node")
            // The host has kept the spec, and starts the node again.
            try bench.host.start()
            try await bench.eventuallyRetained("pm/h1/status") { $0.text == "online" }
            try await eventually("the leftover is removed", within: .seconds(40)) {
                try await bench.agent("h1", .call("get_processes"))["process"]?.array?.isEmpty == true
            }
            try await bench.isGone("node", id)
        }
    }

    @Test func `the time until a host is given up continues while pm-cluster is stopped`() async throws {
        try await withCluster(configuration: #"{"host_lost_after":200}"#) { bench in
            let id = try await bench.createNode()
            let children = bench.host.descendants
            bench.host.kill()
            for process in children { process.kill() }
            let file = "state/absences.json"
            try await eventually("its absence is saved") { bench.cluster.folder.read(file).contains("h1") }
            try await bench.cluster.stop()
            let text = bench.cluster.folder.read(file)
            try await bench.startCluster()
            #expect(bench.cluster.folder.read(file) == text)
            // As if the host had gone offline an hour before, and been online since while pm-cluster was stopped.
            try await bench.cluster.stop()
            let past = time(nil) - 3_600
            try bench.cluster.folder.write(#"{"h1":\#(past)}"#, to: file)
            try await bench.startCluster()
            try await bench.eventuallyRetained("pm/cluster/node/\(id)/state") { $0.text.contains("host_offline") }
            // Without a later heartbeat, the host has only the minimum time after a start of pm-cluster.
            try await bench.cluster.stop()
            try await bench.client.publish("pm/h1/health", #"{"timestamp":\#(past)}"#, retain: true)
            try await bench.startCluster()
            try await bench.isGone("node", id)
            try await eventually("no host is recorded as offline") { bench.cluster.folder.read(file) == "{}\n" }
        }
    }

    @Test func `a host that is online again in time gets its full time again`() async throws {
        try await withCluster(configuration: #"{"host_lost_after":60}"#) { bench in
            let id = try await bench.createNode()
            bench.host.kill()
            try await bench.eventuallyRetained("pm/h1/status") { $0.text == "offline" }
            try await eventually("its absence is saved") {
                bench.cluster.folder.read("state/absences.json").contains("h1")
            }
            try await bench.restartCluster()
            try bench.host.start()
            try await eventually("its return is saved") { bench.cluster.folder.read("state/absences.json") == "{}\n" }
            try await bench.eventuallyRetained("pm/cluster/node/\(id)/state") {
                $0.text.contains(#""state":"running""#)
            }
        }
    }

    @Test func `a node that was started without pm-cluster is left alone`() async throws {
        try await withCluster { bench in
            let config = ProcessConfig.node("mine").with("generation", "g").restart("always")
            #expect(try await bench.agent("h1", .startProcess(config))["status"] == "success")
            try await bench.eventuallyRetained("pm/mine/status") { $0.text == "online" }
            let taken = try await bench.method("node", .createNode("mine"))
            #expect(taken["error"]?["code"] == "name_in_use")
            let id = try await bench.createNode()
            #expect(try await bench.method("node", .removeNode(id))["status"] == "success")
            let entry = try await bench.agent("h1", .getProcess("mine"))["process"]
            #expect(entry?["state"] == "running")
            #expect(try await bench.agent("mine", .call("get_health"))["status"] == "success")
        }
    }

    @Test func `the only host goes offline while a node is started`() async throws {
        try await withCluster { bench in
            let worker = try #require(bench.host.worker)
            worker.kill(SIGSTOP)
            let creation = try await bench.inbox("node", .createNode("n"))
            try await eventually("it is under way") { bench.cluster.files.contains("n.json") }
            // First: when the keeper ends, a stopped worker gets SIGCONT (setpgid(2), orphaned process groups).
            worker.kill()
            bench.host.kill()
            let result = try await creation()["result"]
            #expect(result?["message"] == "node failed to start" && result?["error"]?["code"] == "host_offline")
            try bench.host.start()
            try await bench.eventuallyRetained("pm/h1/status") { $0.text == "online" }
            try await bench.isGone("node", "n")
        }
    }
}
