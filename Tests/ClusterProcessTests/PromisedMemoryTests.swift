import TestSupport
import Testing

/// Limits the memory of a host that is promised to VMs. QEMU allocates it only as the guests use it.
@Suite(.serialized) struct PromisedMemoryTests {
    /// Runs `body` with a host of 20,000 MiB, all free.
    private static func withHost(
        _ configuration: String = "{}", _ body: (ClusterBench, FakeHost) async throws -> Void
    ) async throws {
        try await withVMs(configuration: configuration) { bench, host in
            host.behave { ($0.memoryTotal, $0.memoryAvailable) = (20_000 << 20, 20_000 << 20) }
            try await host.publishHealth()
            try await body(bench, host)
        }
    }

    private static func allocate(_ id: String, _ bench: ClusterBench, memory: Int = 6_144) async throws -> JSONValue {
        try await bench.method(
            "vm", "allocate_vm", #"{"vm_id":"\#(id)","memory_mb":\#(memory),"config":{"command":"/bin/x"}}"#)
    }

    private static let full =
        "vmhost has not enough memory: 6400 MiB are needed, and 19200 MiB of 20000 MiB are promised to other VMs"

    @Test func `a host takes VMs until all its memory is promised, also after a restart of pm-cluster`()
        async throws
    {
        try await Self.withHost { bench, host in
            for id in ["a", "b", "c"] { #expect(try await Self.allocate(id, bench)["status"] == "success") }
            for _ in 0..<2 {
                let refused = try await Self.allocate("d", bench)
                #expect(refused["error"]?["code"] == "no_capacity")
                #expect(refused["error"]?["detail"]?.string?.hasSuffix(Self.full) == true, "\(refused)")
                try await bench.restartCluster()
            }
            #expect(host.starts == 3)
            // A running VM can be reset, and a removed one has freed its memory.
            #expect(try await bench.method("vm", .resetVM("a"))["status"] == "success")
            #expect(try await bench.method("vm", .removeVM("b"))["status"] == "success")
            #expect(try await Self.allocate("d", bench)["status"] == "success")
        }
    }

    @Test func `memory_overcommit multiplies the memory that may be promised`() async throws {
        try await Self.withHost(#"{"memory_overcommit":2}"#) { bench, host in
            for id in 1...6 { #expect(try await Self.allocate("v\(id)", bench)["status"] == "success") }
            let refused = try await Self.allocate("v7", bench)
            #expect(
                refused["error"]?["detail"]?.string?.hasSuffix(
                    "38400 MiB of 20000 MiB are promised to other VMs (memory_overcommit 2.0)") == true, "\(refused)")
        }
    }

    @Test func `VMs that were started without pm-cluster count until they have ended`() async throws {
        try await Self.withHost { bench, host in
            let topic = "pm/vmhost/process/theirs"
            func theirs(_ state: String) async throws {
                let entry = #"{"process_id":"theirs","driver":"qemu","state":"\#(state)","memory_mb":12288,"cpus":1}"#
                try await bench.client.publish(topic, entry, retain: true)
            }
            try await theirs("running")
            #expect(try await Self.allocate("a", bench)["status"] == "success")
            let refused = try await Self.allocate("b", bench)
            #expect(
                refused["error"]?["detail"]?.string?.contains("18944 MiB of 20000 MiB are promised") == true,
                "\(refused)")
            try await theirs("exited")
            #expect(try await Self.allocate("b", bench)["status"] == "success")
        }
    }
}
