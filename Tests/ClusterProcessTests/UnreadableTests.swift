import Glibc
import TestSupport
import Testing

/// Files that a disk, or somebody, has spoilt. What they told of is not known any more; that is no reason to destroy it.
@Suite(.serialized) struct UnreadableTests {
    private static let texts = [
        "", #"{"kind":"vm","id":"v","#, "{}", #"{"kind":"vm","id":"w","generation":"g"}"#, "\u{0}\u{0}",
    ]

    @Test(arguments: texts) func `what an unreadable file names is left alone, and health says so`(text: String)
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
            // Whatever would have been done to a leftover is done before these.
            let taken = try await bench.method("vm", "allocate_vm", allocate)
            #expect(taken["error"]?["code"] == "name_in_use")
            let removed = try await bench.method("vm", "remove_vm", #"{"vm_id":"v"}"#)
            #expect(removed["error"]?["detail"] == "there is no vm v: its file can't be read")
            let other = #"{"vm_id":"w","config":{"command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", other)["status"] == "success")
            #expect(try await bench.method("vm", "remove_vm", #"{"vm_id":"w"}"#)["status"] == "success")
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
            // Root may list what nobody may: a file is none that can be listed.
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

    @Test func `a state directory whose id can't be read is not taken for a new one`() async throws {
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
