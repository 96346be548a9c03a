import Glibc
import TestSupport
import Testing

/// Damaged files. The instances in them are unknown, but they may still be wanted and are not touched.
@Suite(.serialized) struct UnreadableTests {
    private static let texts = [
        "", #"{"kind":"vm","id":"v","#, "{}", #"{"kind":"vm","id":"w","generation":"g"}"#, "\u{0}\u{0}",
    ]

    @Test(arguments: texts) func `an instance with an unreadable file is left alone, and health is bad`(text: String)
        async throws
    {
        try await withVMs { bench, host in
            let allocate = #"{"vm_id":"v","config":{"command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", allocate)["status"] == "success")
            try await bench.cluster.stop()
            try bench.cluster.folder.write(text, to: "state/instances/v.json")
            try await bench.startCluster()
            try await bench.eventuallyRetained("pm/cluster/vm/health") {
                $0.text.contains(#""health":"bad""#) && $0.text.contains("v.json is not used")
            }
            // A leftover would be removed before these requests are answered.
            let taken = try await bench.method("vm", "allocate_vm", allocate)
            #expect(taken["error"]?["code"] == "name_in_use")
            let removed = try await bench.method("vm", .removeVM("v"))
            #expect(removed["error"]?["detail"] == "there is no vm v: its file can't be read")
            let other = #"{"vm_id":"w","config":{"command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", other)["status"] == "success")
            #expect(try await bench.method("vm", .removeVM("w"))["status"] == "success")
            #expect(host.vms == ["v"] && host.inspections(of: "v") == 0)
            #expect(try await bench.retained("pm/cluster/vm/v/state").count == 1)
            #expect(bench.cluster.folder.read("state/instances/v.json") == text)
        }
    }

    @Test func `a directory that can't be listed stops the start`() async throws {
        try await withVMs { bench, host in
            let allocate = #"{"vm_id":"v","config":{"command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", allocate)["status"] == "success")
            try await bench.cluster.stop()
            let directory = "\(bench.cluster.stateDirectory)/instances"
            // A file in its place, as root can list any directory.
            #expect(rename(directory, directory + ".away") == 0)
            try bench.cluster.folder.write("", to: "state/instances")
            try bench.cluster.start()
            #expect(try await bench.cluster.ended() == 111 << 8)
            #expect(bench.cluster.log.contains("instances"))
            #expect(host.vms == ["v"])
            unlink(directory)
            #expect(rename(directory + ".away", directory) == 0)
            try await bench.startCluster()
            try await bench.eventuallyRetained("pm/cluster/vm/v/state") { $0.text.contains(#""state":"running""#) }
        }
    }

    @Test func `a state directory with an unreadable id is not treated as a new one`() async throws {
        try await withCluster(hosts: []) { bench in
            try await bench.cluster.stop()
            let id = bench.cluster.folder.read("state/cluster.json")
            try bench.cluster.folder.write(#"{"id":"#, to: "state/cluster.json")
            try bench.cluster.start()
            #expect(try await bench.cluster.ended() == 111 << 8)
            #expect(bench.cluster.log.contains("cluster.json"))
            try bench.cluster.folder.write(id, to: "state/cluster.json")
            try await bench.startCluster()
        }
    }
}
