import TestSupport
import Testing

/// A reset ends the running instance, so it is refused if a new one could not be started.
@Suite(.serialized) struct ResetTests {
    private static let allocate = #"{"vm_id":"v","memory_mb":512,"config":{"command":"/bin/x"}}"#

    @Test(arguments: [
        #"{"available":false,"reason":"no image"}"#, #"{"available":false,"reason":"is being tried","pending":true}"#,
    ])
    func `without a working driver, a reset is refused and the VM keeps running`(driver: String) async throws {
        try await withVMs { bench, host in
            #expect(try await bench.method("vm", "allocate_vm", Self.allocate)["status"] == "success")
            try await bench.client.publish("pm/vmhost/info", #"{"drivers":{"qemu":\#(driver)}}"#, retain: true)
            try await bench.eventuallyRetained("pm/cluster/vm/health") { $0.text.contains(#""available":0"#) }
            let before = try await bench.retainedJSON("pm/cluster/vm/v/state")
            let result = try await bench.method("vm", .resetVM("v"))
            #expect(result["message"] == "process failed to be reset")
            #expect(result["error"]?["code"] == "driver_unavailable")
            #expect(host.vms == ["v"] && host.starts == 1)
            #expect(try await bench.retainedJSON("pm/cluster/vm/v/state") == before)
        }
    }

    @Test func `a reset does not need free memory beyond what the VM has`() async throws {
        try await withVMs { bench, host in
            #expect(try await bench.method("vm", "allocate_vm", Self.allocate)["status"] == "success")
            // With the VM on it, the host has less left than the VM needs.
            try await bench.client.publish("pm/vmhost/health", #"{"memory_available":1048576}"#, retain: true)
            host.behave { $0.memoryAvailable = 1_048_576 }
            let other = try await bench.method("vm", .allocateVM(nil, .command("/bin/x")))
            #expect(other["error"]?["code"] == "no_capacity")
            #expect(try await bench.method("vm", .resetVM("v"))["status"] == "success")
            #expect(host.starts == 2)
        }
    }
}
