import TestSupport
import Testing

extension RealVMTests {
    /// The methods of VMs, with real guests.
    @Suite(.serialized, .realVMs) struct VMMethodTests {
        @Test func `a VM is allocated, reset and removed as docs/cluster.md describes`() async throws {
            try await withRealVMs { bench in
                let request =
                    #"{"method":"allocate_vm","args":{"config":\#(ClusterBench.sleeper),"memory_mb":128,"cpus":1},"id":"v1"}"#
                let answer = try await bench.ask("vm", request)
                let id = try #require(answer["result"]?["vm_id"]?.string)
                let pid = try #require(answer["result"]?["pid"]?.integer)
                #expect(
                    answer == [
                        "request": try JSONValue(request), "id": "v1",
                        "result": [
                            "status": "success", "message": "process started successfully", "vm_id": .string(id),
                            "host": "h1", "process_id": "web", "pid": .number(Double(pid)),
                        ],
                    ])
                #expect(try await bench.retainedJSON("pm/cluster/vm/response") == answer)
                // The pid is the one in the guest.
                #expect(try await bench.process(in: id)?["pid"]?.integer == pid)
                let vms = try await bench.method("vm", "get_vms")["process"]?.array ?? []
                let vm = try #require(vms.first)
                #expect(vms.count == 1 && vm["vm_id"]?.string == id && vm["state"] == "running" && vm["host"] == "h1")
                #expect(vm["memory_mb"] == 128 && vm["cpus"] == 1 && vm["process_id"] == "web")
                #expect(vm["pid"]?.integer == pid && vm["stage"] == nil)
                let runner = try await bench.runner(of: id)

                #expect(
                    try await bench.method("vm", .resetVM(id))
                        == ["status": "success", "message": "process reset successfully"])
                let again = try #require(try await bench.retainedJSON("pm/cluster/vm/\(id)/state"))
                #expect(again["generation"] != vm["generation"] && again["state"] == "running")
                #expect(try await bench.process(in: id)?["state"] == "running")
                #expect(try await bench.runner(of: id) != runner)

                let health = try await bench.method("vm", "get_health")
                #expect(health["health"] == "good" && health["vms"]?["running"] == 1)
                #expect(
                    try await bench.method("vm", .removeVM(id))
                        == ["status": "success", "message": "process kill successfully"])
                try await bench.isGone("vm", id)
            }
        }

        @Test func `a guest that panics is restarted with its process`() async throws {
            try await withRealVMs { bench in
                try await bench.allocate("v")
                let watcher = try await TestClient(bench.broker)
                try await watcher.subscribe("pm/cluster/vm/v/state")
                // The guest panics before it can answer.
                let config = #"{"name":"p","command":["/bin/sh","-c","echo c >/proc/sysrq-trigger"]}"#
                try await bench.client.publish(
                    "pm/v/control", #"{"method":"start_process","args":{"config":\#(config)}}"#)
                _ = try await watcher.next(within: VMSupport.patience) { $0.text.contains(#""state":"down""#) }
                _ = try await watcher.next(within: VMSupport.patience) {
                    $0.text.contains(#""state":"running""#) && $0.text.contains(#""pid":"#)
                }
                #expect(try await bench.settle("v"))
                let log = try await bench.agent("h1", .call("get_log", ["process_id": "v"]))
                #expect("\(log)".contains("Kernel panic"), "\(log)")
            }
        }

        @Test func `a program that is not in the guest causes exec_failed, and nothing is left`() async throws {
            try await withRealVMs { bench in
                let result = try await bench.method("vm", .allocateVM("v", .command("/no/such")))
                #expect(result["message"] == "process failed to start")
                #expect(
                    result["error"] == ["code": "exec_failed", "detail": "program /no/such: no such file or directory"])
                try await bench.isGone("vm", "v")
            }
        }

        @Test(arguments: [
            (#"{}"#, "missing_argument"), (#"{"config":{"name":"x"}}"#, "missing_argument"),
            (#"{"config":{"command":"sleep 1"},"memory_mb":1}"#, "invalid_argument"),
            (#"{"config":{"command":"sleep 1"},"memory_mb":1048576}"#, "invalid_argument"),
            (#"{"config":{"command":"sleep 1"},"memory_mb":262144}"#, "no_capacity"),
            (#"{"config":{"command":"sleep 1"},"host":"nowhere"}"#, "unknown_host"),
        ])
        func `impossible requests are refused at once`(arguments: String, code: String) async throws {
            try await withRealVMs { bench in
                let result = try await bench.method("vm", "allocate_vm", arguments)
                #expect(result["message"] == "process failed to start" && result["error"]?["code"]?.string == code)
                #expect(result["error"]?["detail"]?.string?.isEmpty == false)
            }
        }

        @Test func `a VM is removed in each stage of its start`() async throws {
            try await withRealVMs { bench in
                let watcher = try await TestClient(bench.broker)
                try await watcher.subscribe("pm/cluster/vm/+/state")
                for stage in ["launching", "booting", "process"] {
                    let creation = try await bench.inbox("vm", .allocateVM(stage, ClusterBench.sleeper))
                    _ = try await watcher.next(within: VMSupport.patience) {
                        $0.topic.contains(stage) && $0.text.contains(#""stage":"\#(stage)""#)
                    }
                    let removed = try await bench.method("vm", .removeVM(stage))
                    #expect(removed["status"] == "success", "\(stage): \(removed)")
                    let created = try await creation()["result"]
                    // It may have been up before the removal came.
                    #expect(
                        created?["error"]?["code"] == "not_allowed" || created?["status"] == "success",
                        "\(stage): \(String(describing: created))")
                    try await bench.isGone("vm", stage)
                }
            }
        }

        @Test func `a VM is removed twice, and reset while it is removed`() async throws {
            try await withRealVMs { bench in
                try await bench.allocate("v")
                let first = try await bench.inbox("vm", .removeVM("v"))
                let reset = try await bench.inbox("vm", .resetVM("v"))
                let second = try await bench.inbox("vm", .removeVM("v"))
                #expect(try await first()["result"]?["status"] == "success")
                let refused = try await reset()["result"]
                #expect(refused?["message"] == "process failed to be reset")
                #expect(["not_allowed", "no_such_vm"].contains(refused?["error"]?["code"]?.string))
                let again = try await second()["result"]
                #expect(again?["status"] == "success" || again?["error"]?["code"] == "no_such_vm")
                try await bench.isGone("vm", "v")
                let late = try await bench.method("vm", .resetVM("v"))
                #expect(late["error"]?["code"] == "no_such_vm")
            }
        }

        @Test func `a reset during boot is refused, and two resets at once both succeed`() async throws {
            try await withRealVMs { bench in
                let creation = try await bench.inbox("vm", .allocateVM("v", ClusterBench.sleeper))
                let early = try await bench.method("vm", .resetVM("v"))
                #expect(early["error"]?["code"] == "not_allowed" || early["status"] == "success")
                #expect(try await creation()["result"]?["status"] == "success")
                let resets = try await [
                    bench.inbox("vm", .resetVM("v")),
                    bench.inbox("vm", .resetVM("v")),
                ]
                for reset in resets { #expect(try await reset()["result"]?["status"] == "success") }
                #expect(try await bench.settle("v"))
            }
        }

        @Test func `twenty VMs at once`() async throws {
            try await withRealVMs { bench in
                var answers: [() async throws -> JSONValue] = []
                for _ in 0..<20 {
                    answers.append(
                        try await bench.inbox("vm", .allocateVM(nil, ClusterBench.sleeper)))
                }
                // Other requests are answered meanwhile.
                #expect(try await bench.method("vm", "get_health")["status"] == "success")
                var ids: Set<String> = []
                for answer in answers { ids.insert(try await answer()["result"]?["vm_id"]?.string ?? "") }
                #expect(ids.count == 20 && !ids.contains(""))
                for id in ids { #expect(try await bench.settle(id)) }
                let removals = try await ids.asyncMap { id in
                    try await bench.inbox("vm", .removeVM(id))
                }
                for removal in removals { #expect(try await removal()["result"]?["status"] == "success") }
                #expect(bench.cluster.files.isEmpty)
            }
        }
    }
}

extension ClusterBench {
    /// The pid of the runner of a VM.
    func runner(of id: String) async throws -> Int? {
        try await agent("h1", .getProcess(id))["process"]?["pid"]?.integer
    }
}
