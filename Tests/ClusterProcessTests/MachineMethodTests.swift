import TestSupport
import Testing

/// The methods of VMs, against a host that is played.
@Suite(.serialized) struct MachineMethodTests {
    private static let config = #"{"config":{"name":"web","command":"/bin/web"},"memory_mb":256,"cpus":2}"#

    @Test func `a VM's life, as the protocol has it`() async throws {
        try await withMachines { bench, host in
            let request = #"{"method":"allocate_vm","args":\#(Self.config),"id":"v1"}"#
            let answer = try await bench.ask("vm", request)
            let id = try #require(answer["result"]?["vm_id"]?.string)
            #expect(
                answer == [
                    "request": try JSONValue(request), "id": "v1",
                    "result": [
                        "status": "success", "message": "process started successfully", "vm_id": .string(id),
                        "host": "vmhost", "process_id": "web", "pid": 101,
                    ],
                ])
            let vms = try await bench.method("vm", "get_vms")["process"]?.array ?? []
            let vm = try #require(vms.first)
            #expect(vms.count == 1 && vm["vm_id"]?.string == id && vm["state"] == "running" && vm["host"] == "vmhost")
            #expect(vm["memory_mb"] == 256 && vm["cpus"] == 2 && vm["process_id"] == "web" && vm["pid"] == 101)
            #expect(
                try await bench.method("vm", "reset_vm", #"{"vm_id":"\#(id)"}"#)
                    == ["status": "success", "message": "process reset successfully"])
            #expect(host.starts == 2)
            let again = try await bench.method("vm", "get_vms")["process"]?.array?.first
            #expect(again?["pid"] == 102 && again?["generation"] != vm["generation"])
            let health = try await bench.method("vm", "get_health")
            #expect(health["health"] == "good" && health["vms"]?["running"] == 1)
            #expect(
                try await bench.method("vm", "remove_vm", #"{"vm_id":"\#(id)"}"#)
                    == ["status": "success", "message": "process kill successfully"])
            try await bench.isGone("vm", id)
            #expect(host.machines == [])
        }
    }

    @Test func `a guest that panics gets its process again`() async throws {
        try await withMachines { bench, host in
            let id = try #require(try await bench.method("vm", "allocate_vm", Self.config)["vm_id"]?.string)
            let watcher = try await TestClient(bench.broker)
            try await watcher.subscribe("pm/cluster/vm/\(id)/state")
            try await host.panic(id)
            _ = try await watcher.next { $0.text.contains(#""state":"running""#) && $0.text.contains(#""pid":102"#) }
        }
    }

    @Test func `a program that is not in the guest: said, and nothing is left`() async throws {
        try await withMachines { bench, host in
            host.behave { $0.guestError = "exec_failed" }
            let result = try await bench.method("vm", "allocate_vm", #"{"vm_id":"v","config":{"command":"/no/such"}}"#)
            #expect(result["message"] == "process failed to start")
            #expect(result["error"] == ["code": "exec_failed", "detail": "no such file or directory"])
            try await bench.isGone("vm", "v")
            #expect(host.machines == [])
        }
    }

    @Test func `a guest that hangs at boot: a timeout, and nothing is left`() async throws {
        try await withMachines(configuration: #"{"boot_timeout":0.5}"#) { bench, host in
            host.behave { $0.boots = false }
            let result = try await bench.method("vm", "allocate_vm", #"{"vm_id":"v","config":{"command":"/bin/x"}}"#)
            #expect(result["error"]?["code"] == "timeout")
            try await bench.isGone("vm", "v")
            #expect(host.machines == [])
        }
    }

    @Test func `a host that does not answer: a timeout, and nothing is left when it does again`() async throws {
        try await withMachines(configuration: #"{"step_timeout":0.5}"#) { bench, host in
            host.behave { $0.answers = false }
            let result = try await bench.method("vm", "allocate_vm", #"{"vm_id":"v","config":{"command":"/bin/x"}}"#)
            #expect(result["error"]?["code"] == "timeout")
            host.behave { $0.answers = true }
            try await bench.isGone("vm", "v")
            #expect(host.machines == [])
        }
    }

    @Test func `removed while it boots`() async throws {
        try await withMachines { bench, host in
            host.behave { $0.boots = false }
            let creation = try await bench.inbox(
                "vm", #"{"method":"allocate_vm","args":{"vm_id":"v","config":{"command":"/bin/x"}}}"#)
            try await eventually("it boots") { host.starts == 1 }
            #expect(try await bench.method("vm", "remove_vm", #"{"vm_id":"v"}"#)["status"] == "success")
            #expect(try await creation()["result"]?["error"]?["code"] == "not_allowed")
            try await bench.isGone("vm", "v")
            #expect(host.machines == [])
        }
    }

    @Test func `a thousand at once: a few at a time, some wait, and all are answered`() async throws {
        try await withMachines(configuration: #"{"max_launches":5}"#) { bench, host in
            host.behave { $0.boots = false }
            var answers: [() async throws -> JSONValue] = []
            for number in 0..<1_000 {
                let request = #"{"method":"allocate_vm","args":{"vm_id":"v\#(number)","config":{"command":"/bin/x"}}}"#
                answers.append(try await bench.inbox("vm", request))
            }
            // Others are not held up.
            #expect(try await bench.method("vm", "get_health")["vms"]?["queued"] == 200)
            host.behave { $0.boots = true }
            for id in host.machines { try await host.boot(id) }
            var counts: [String: Int] = [:]
            for answer in answers {
                let result = try await answer()["result"]
                counts[result?["error"]?["code"]?.string ?? result?["status"]?.string ?? "", default: 0] += 1
            }
            #expect(counts == ["success": 205, "no_capacity": 795])
            #expect(host.mostAtOnce <= 5 && host.machines.count == 205)
        }
    }

    @Test func `killed while guests boot, all of them are gone or there`() async throws {
        try await withMachines { bench, host in
            let kept = try #require(try await bench.method("vm", "allocate_vm", Self.config)["vm_id"]?.string)
            host.behave { $0.boots = false }
            for number in 0..<5 {
                let request = #"{"method":"allocate_vm","args":{"vm_id":"v\#(number)","config":{"command":"/bin/x"}}}"#
                try await bench.client.publish("pm/cluster/vm/control", request)
            }
            try await eventually("they boot") { host.starts == 6 }
            try await bench.restartCluster()
            for number in 0..<5 { try await bench.isGone("vm", "v\(number)") }
            #expect(host.machines == [kept])
            try await bench.eventuallyRetained("pm/cluster/vm/\(kept)/state") {
                $0.text.contains(#""state":"running""#)
            }
        }
    }

    @Test func `a VM's host goes for good: shown, then gone`() async throws {
        try await withMachines(configuration: #"{"host_lost_after":1}"#) { bench, host in
            let id = try #require(try await bench.method("vm", "allocate_vm", Self.config)["vm_id"]?.string)
            let watcher = try await TestClient(bench.broker)
            try await watcher.subscribe("pm/cluster/vm/health")
            try await bench.client.publish("pm/\(id)/status", "offline", retain: true)
            host.end()
            _ = try await watcher.next { $0.text.contains("vm \(id) is host_offline") }
            try await bench.isGone("vm", id)
        }
    }
}
