import Glibc
import TestSupport
import Testing

extension RealVMTests {
    /// pm-cluster, the host's agent, the broker or a VM is killed: in the end, each VM runs or is removed completely.
    @Suite(.serialized, .realVMs) struct VMCrashTests {
        @Test func `pm-cluster is killed while it allocates, removes and resets VMs`() async throws {
            var seed = Seed.fresh()
            try await withRealVMs { bench in
                try await bench.allocate("kept")
                for round in 0..<8 {
                    let (new, leaving) = ("n\(round)", "l\(round)")
                    try await bench.allocate(leaving)
                    let requests = [
                        Request.allocateVM(new, ClusterBench.sleeper), .removeVM(leaving), .resetVM("kept"),
                    ]
                    for request in requests { try await bench.client.publish("pm/cluster/vm/control", request.text) }
                    // Not synchronisation: the moment of the kill is random.
                    try await Task.sleep(for: .microseconds(Int.random(in: 0..<400_000, using: &seed)))
                    bench.cluster.kill()
                    // A request that it had not read yet is lost.
                    let isToLeave = !bench.cluster.record(of: leaving).contains(#""want":"up""#)
                    try await bench.restartCluster()
                    do {
                        #expect(try await bench.settle("kept"))
                        #expect(try await bench.settle(leaving) != isToLeave)
                        if try await bench.settle(new) {
                            let removed = try await bench.method("vm", .removeVM(new))
                            #expect(removed["status"] == "success")
                            try await bench.isGone("vm", new)
                        }
                    } catch {
                        throw TestError("round \(round), \(seed): \(error)")
                    }
                }
            }
        }

        @Test func `requests that are pending when pm-cluster is killed are answered after its restart`() async throws {
            try await withRealVMs { bench in
                try await bench.allocate("v")
                let reset = try await bench.inbox("vm", .resetVM("v").id("r"))
                let creation = try await bench.inbox("vm", .allocateVM("w", ClusterBench.sleeper).id("c"))
                try await eventually("both are saved") { bench.cluster.files.contains("w.json") }
                try await bench.restartCluster()
                let created = try await creation()
                #expect(created["id"] == "c")
                let isThere = try await bench.settle("w")
                #expect((created["result"]?["status"] == "success") == isThere)
                let result = try await reset()
                #expect(result["id"] == "r" && result["result"]?["status"] == "success")
                #expect(try await bench.settle("v"))
            }
        }

        @Test func `a process that was stopped in its guest stays stopped when pm-cluster is killed`() async throws {
            try await withRealVMs { bench in
                try await bench.allocate("v")
                let stopped = try await bench.agent("v", .killProcess("web"))
                #expect(stopped["status"] == "success")
                let before = try #require(try await bench.process(in: "v"))
                #expect(before["state"] == "exited")
                try await bench.restartCluster()
                try await bench.eventuallyRetained("pm/cluster/vm/v/state", within: VMSupport.patience) {
                    $0.text.contains(#""state":"running""#) && !$0.text.contains(#""pid""#)
                }
                #expect(try await bench.process(in: "v")?["started_at"] == before["started_at"])
                #expect(try await bench.method("vm", .resetVM("v"))["status"] == "success")
                #expect(try await bench.settle("v"))
            }
        }

        @Test func `the worker of the host's agent is killed: its VMs keep running`() async throws {
            try await withRealVMs { bench in
                try await bench.allocate("v")
                let (runner, pid) = (try await bench.runner(of: "v"), try await bench.process(in: "v")?["pid"])
                let status = try await TestClient(bench.broker)
                try await status.subscribe("pm/h1/status")
                _ = try await status.next { $0.text == "online" }
                bench.host.worker?.kill()
                _ = try await status.next { $0.text == "offline" }
                _ = try await status.next { $0.text == "online" }
                #expect(try await bench.runner(of: "v") == runner)
                #expect(try await bench.process(in: "v")?["pid"] == pid)
                try await bench.eventuallyRetained("pm/cluster/vm/v/state") { $0.text.contains(#""state":"running""#) }
                try await bench.hasVMs()
            }
        }

        @Test func `the worker of the host's agent is killed while a VM is allocated`() async throws {
            try await withRealVMs { bench in
                let creation = try await bench.inbox("vm", .allocateVM("v", ClusterBench.sleeper))
                try await bench.eventuallyRetained("pm/h1/process/v") { $0.text.contains(#""state":"running""#) }
                bench.host.worker?.kill()
                let created = try await creation()["result"]
                let isThere = try await bench.settle("v")
                #expect((created?["status"] == "success") == isThere)
                try await bench.hasVMs()
            }
        }

        @Test func `the host's agent is killed: its VMs keep running, and the next agent adopts them`() async throws {
            try await withRealVMs { bench in
                try await bench.allocate("v")
                let runner = try await bench.runner(of: "v")
                bench.host.kill()
                try await bench.eventuallyRetained("pm/h1/status") { $0.text == "offline" }
                #expect(try await bench.process(in: "v")?["state"] == "running")
                let refused = try await bench.method("vm", .resetVM("v"))
                #expect(refused["error"]?["code"] == "host_offline")
                let none = try await bench.method("vm", .allocateVM(nil, ClusterBench.sleeper))
                #expect(none["error"]?["code"] == "no_capacity")
                try bench.host.start()
                try await bench.eventuallyRetained("pm/h1/status") { $0.text == "online" }
                #expect(try await bench.runner(of: "v") == runner)
                try await bench.hasVMs()
                #expect(try await bench.method("vm", .resetVM("v"))["status"] == "success")
                #expect(try await bench.settle("v"))
            }
        }

        @Test func `the only host goes offline while a VM is allocated`() async throws {
            try await withRealVMs { bench in
                let worker = try #require(bench.host.worker)
                worker.kill(SIGSTOP)
                let creation = try await bench.inbox("vm", .allocateVM("v", ClusterBench.sleeper))
                try await eventually("it is under way") { bench.cluster.files.contains("v.json") }
                // First: when the keeper ends, a stopped worker gets SIGCONT (setpgid(2), orphaned process groups).
                worker.kill()
                bench.host.kill()
                let result = try await creation()["result"]
                #expect(result?["message"] == "process failed to start" && result?["error"]?["code"] == "host_offline")
                try bench.host.start()
                try await bench.eventuallyRetained("pm/h1/status") { $0.text == "online" }
                try await bench.isGone("vm", "v")
                try await bench.hasVMs()
            }
        }

        @Test func `the runner or QEMU of a VM is killed: the VM is restarted with its process`() async throws {
            try await withRealVMs { bench in
                try await bench.allocate("v")
                let watcher = try await TestClient(bench.broker)
                try await watcher.subscribe("pm/cluster/vm/v/state")
                for isQEMU in [true, false] {
                    let runner = SystemProcess(try #require(try await bench.runner(of: "v")))
                    (isQEMU ? runner.children.first : runner)?.kill()
                    _ = try await watcher.next(within: VMSupport.patience) { $0.text.contains(#""state":"down""#) }
                    _ = try await watcher.next(within: VMSupport.patience) {
                        $0.text.contains(#""state":"running""#) && $0.text.contains(#""pid":"#)
                    }
                    #expect(try await bench.settle("v"))
                }
            }
        }
    }

    /// These tests stop brokers and hosts, so each has its own.
    @Suite(.serialized) struct VMOutageTests {
        @Test func `the broker is restarted during requests: each VM keeps running, starts or is removed`()
            async throws
        {
            try await withCluster(vms: true) { bench in
                for id in ["v", "kept", "leaving"] { try await bench.allocate(id) }
                let runner = try await bench.runner(of: "v")
                for request in [
                    Request.allocateVM("new", ClusterBench.sleeper), .resetVM("kept"), .removeVM("leaving"),
                ] { try await bench.client.publish("pm/cluster/vm/control", request.text) }
                try await bench.broker.restart()
                let client = try await TestClient(bench.broker)
                try await client.subscribe("pm/reply/#")
                let again = ClusterBench(
                    broker: bench.broker, cluster: bench.cluster, hosts: bench.hosts, client: client)
                try await again.eventuallyRetained("pm/cluster/status", within: VMSupport.patience) {
                    $0.text == "online"
                }
                for host in ["h1", "v"] {
                    try await again.eventuallyRetained("pm/\(host)/status", within: VMSupport.patience) {
                        $0.text == "online"
                    }
                }
                try await again.eventuallyRetained("pm/cluster/vm/v/state", within: VMSupport.patience) {
                    $0.text.contains(#""state":"running""#)
                }
                #expect(try await again.runner(of: "v") == runner)
                for id in ["v", "kept"] { #expect(try await again.settle(id), "\(id)") }
                // A request that the broker had not delivered yet is lost.
                for id in ["new", "leaving"] { try await again.settle(id) }
                try await again.removeVMs()
            }
        }

        @Test func `a VM's host stays offline: the VM is given up, and removed when the host comes back`() async throws
        {
            try await withCluster(vms: true, configuration: #"{"host_lost_after":1}"#) { bench in
                try await bench.allocate("v")
                let watcher = try await TestClient(bench.broker)
                try await watcher.subscribe("pm/cluster/vm/health")
                let processes = bench.host.descendants
                bench.host.kill()
                for process in processes { process.kill() }
                _ = try await watcher.next(within: VMSupport.patience) { $0.text.contains("vm v is host_offline") }
                try await eventually("the VM is given up", within: VMSupport.patience) { bench.cluster.files.isEmpty }
                try await bench.isGone("vm", "v")
                // The host has kept the spec, and starts the VM again.
                try bench.host.start()
                try await bench.eventuallyRetained("pm/h1/status") { $0.text == "online" }
                try await eventually("the leftover is removed", within: VMSupport.patience) {
                    try await bench.agent("h1", .call("get_processes"))["process"]?.array?.isEmpty == true
                }
                try await bench.isGone("vm", "v")
            }
        }
    }
}
