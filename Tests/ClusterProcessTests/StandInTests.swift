import TestSupport
import Testing

/// Tests with a fake host, for what a real host can't be made to do (hang, lose and duplicate messages), and for what
/// would take real guests minutes or too much memory.
@Suite(.serialized) struct StandInTests {
    @Test func `a guest that hangs at boot causes a timeout, and nothing is left`() async throws {
        try await withVMs(configuration: #"{"boot_timeout":0.5}"#) { bench, host in
            host.behave { $0.boots = false }
            let result = try await bench.method("vm", .allocateVM("v", .command("/bin/x")))
            #expect(result["error"]?["code"] == "timeout")
            try await bench.isGone("vm", "v")
            #expect(host.vms == [])
        }
    }

    @Test func `an allocation fails at once if its guest ends repeatedly, and the answer has its last log line`()
        async throws
    {
        try await withVMs { bench, host in
            host.behave { $0.crashes = true }
            let result = try await bench.method("vm", .allocateVM("v", .command("/bin/x")))
            #expect(
                result["error"]?["detail"]
                    == "it does not stay up: pm-vm: the guest's kernel panicked")
            try await bench.isGone("vm", "v")
            #expect(host.vms == [])
        }
    }

    @Test func `the state of a VM that no longer stays up shows the reason`() async throws {
        try await withVMs { bench, host in
            let result = try await bench.method("vm", .allocateVM("v", .command("/bin/x")))
            #expect(result["status"] == "success")
            try await bench.client.publish("pm/v/status", "offline", retain: true)
            try await bench.eventuallyRetained("pm/cluster/vm/v/state") { $0.text.contains("its agent is gone") }
            try await bench.client.publish(
                "pm/vmhost/process/v", #"{"process_id":"v","driver":"qemu","state":"backoff","restarts":3}"#,
                retain: true)
            try await bench.eventuallyRetained("pm/cluster/vm/health") {
                $0.text.contains("vm v is down: it does not stay up: pm-vm: the guest's kernel panicked")
            }
            try await host.boot("v")
            try await bench.eventuallyRetained("pm/cluster/vm/v/state") {
                $0.text.contains(#""state":"running""#) && !$0.text.contains("reason")
            }
        }
    }

    @Test func `the state of a VM shows how its process has ended`() async throws {
        try await withVMs { bench, host in
            let allocate = #"{"vm_id":"v","config":{"name":"p","command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", allocate)["status"] == "success")
            func says(_ topic: String, _ entry: String, _ status: String) async throws {
                try await bench.client.publish(topic, entry, retain: true)
                try await bench.eventuallyRetained("pm/cluster/vm/v/state") { $0.text.contains(status) }
            }
            try await says(
                "pm/v/process/p", #"{"process_id":"p","state":"exited","exit_code":3}"#,
                #""process_state":"exited","exit_code":3"#)
            // The runner of the VM has ended as well.
            try await says(
                "pm/vmhost/process/v", #"{"process_id":"v","driver":"qemu","state":"backoff","exit_code":1}"#,
                #""process_state":"backoff","exit_code":1"#)
            try await says(
                "pm/vmhost/process/v", #"{"process_id":"v","driver":"qemu","state":"running","pid":7}"#,
                #""process_state":"exited","exit_code":3"#)
            try await says(
                "pm/v/process/p", #"{"process_id":"p","state":"running","pid":70}"#,
                #""pid":70,"process_state":"running"}"#)
        }
    }

    @Test func `an ended process in a guest stays ended when pm-cluster or the guest's agent restarts`() async throws {
        try await withVMs { bench, host in
            let allocate = #"{"vm_id":"v","config":{"command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", allocate)["status"] == "success")
            let isRunning: @Sendable (Message) -> Bool = {
                $0.text.contains(#""state":"running""#) && !$0.text.contains(#""pid""#)
            }
            try await bench.restartCluster()
            try await bench.eventuallyRetained("pm/cluster/vm/v/state", isRunning)
            // As during a short outage of the guest's network or of its agent's worker.
            let watcher = try await TestClient(bench.broker)
            try await watcher.subscribe("pm/cluster/vm/v/state")
            try await bench.client.publish("pm/v/status", "offline", retain: true)
            _ = try await watcher.next { $0.text.contains(#""state":"down""#) }
            try await host.boot("v")
            _ = try await watcher.next(where: isRunning)
            #expect(host.processStarts == 1)
            #expect(try await bench.method("vm", .resetVM("v"))["status"] == "success")
            #expect(host.processStarts == 2)
        }
    }

    @Test func `a host that does not answer causes a timeout, and later nothing is left`() async throws {
        try await withVMs(configuration: #"{"step_timeout":0.5}"#) { bench, host in
            host.behave { $0.answers = false }
            let result = try await bench.method("vm", .allocateVM("v", .command("/bin/x")))
            #expect(result["error"]?["code"] == "timeout")
            host.behave { $0.answers = true }
            try await bench.isGone("vm", "v")
            #expect(host.vms == [])
        }
    }

    @Test func `of a thousand requests at once, some are started, some queued, and all answered`() async throws {
        try await withVMs(configuration: #"{"max_launches":5,"boot_timeout":600}"#) { bench, host in
            host.behave { $0.boots = false }
            var answers: [() async throws -> JSONValue] = []
            for number in 0..<1_000 {
                let request = #"{"method":"allocate_vm","args":{"vm_id":"v\#(number)","config":{"command":"/bin/x"}}}"#
                answers.append(try await bench.inbox("vm", request))
            }
            // Other requests are answered meanwhile.
            #expect(try await bench.method("vm", "get_health")["vms"]?["queued"] == 200)
            host.behave { $0.boots = true }
            for id in host.vms { try await host.boot(id) }
            var counts: [String: Int] = [:]
            for answer in answers {
                let result = try await answer()["result"]
                counts[result?["error"]?["code"]?.string ?? result?["status"]?.string ?? "", default: 0] += 1
            }
            #expect(counts == ["success": 205, "no_capacity": 795])
            #expect(host.mostAtOnce <= 5 && host.vms.count == 205)
        }
    }

    @Test(arguments: [true, false]) func `VMs wait for a host that is still testing its driver`(can: Bool)
        async throws
    {
        try await withVMs { bench, host in
            let topic = "pm/vmhost/info"
            let pending = #"{"available":false,"reason":"is being tried","pending":true}"#
            try await bench.client.publish(topic, #"{"drivers":{"qemu":\#(pending)}}"#, retain: true)
            try await bench.eventuallyRetained("pm/cluster/vm/health") { $0.text.contains(#""available":0"#) }
            let creation = try await bench.inbox("vm", .allocateVM("v", .command("/bin/x")))
            try await bench.eventuallyRetained("pm/cluster/vm/v/state") {
                $0.text.contains(#""state":"queued""#) && $0.text.contains("is still testing its driver")
            }
            let found = can ? #"{"available":true}"# : #"{"available":false,"reason":"no guest came up"}"#
            try await bench.client.publish(topic, #"{"drivers":{"qemu":\#(found)}}"#, retain: true)
            let result = try await creation()["result"]
            if can {
                #expect(result?["status"] == "success")
                #expect(try await bench.retainedJSON("pm/cluster/vm/v/state")?["reason"] == nil)
            } else {
                #expect(result?["error"]?["code"] == "no_capacity")
                try await bench.isGone("vm", "v")
            }
        }
    }

    @Test func `with lost and duplicate answers, each VM either runs or is removed, as it was answered`() async throws {
        try await withVMs(configuration: #"{"step_timeout":0.5}"#) { bench, host in
            host.behave { $0.losesEvery = 2 }
            var answers: [String: () async throws -> JSONValue] = [:]
            for number in 0..<10 {
                let request = #"{"method":"allocate_vm","args":{"vm_id":"v\#(number)","config":{"command":"/bin/x"}}}"#
                answers["v\(number)"] = try await bench.inbox("vm", request)
            }
            var there: Set<String> = []
            for (id, answer) in answers {
                let result = try await answer()["result"]
                #expect(result?["status"] == "success" || result?["error"]?["code"] == "timeout")
                if result?["status"] == "success" { there.insert(id) }
            }
            host.behave { $0.losesEvery = 0 }
            for id in answers.keys where !there.contains(id) { try await bench.isGone("vm", id) }
            #expect(Set(host.vms) == there && bench.cluster.files.count == there.count)
        }
    }
}
