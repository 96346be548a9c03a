import Glibc
import TestSupport
import Testing

/// SIGHUP.
@Suite(.serialized) struct ReloadTests {
    @Test func `SIGHUP reloads the configuration, and keeps the old one if the new one is invalid`() async throws {
        try await withCluster(configuration: #"{"health_interval":10}"#) { bench in
            let id = try await bench.createNode()
            func reload(_ text: String, until: @escaping @Sendable (String) -> Bool) async throws {
                try bench.cluster.folder.write(text, to: "cluster.json")
                bench.cluster.signal(SIGHUP)
                try await eventually("it has read \(text)") { until(bench.cluster.log) }
            }
            try await reload(#"{"health_interval":7,"max_launches":1,"request_ttl":5,"state_dir":"/tmp"}"#) {
                $0.contains("read the configuration again")
            }
            // The command line overrides the file.
            #expect(!bench.cluster.log.contains("state_dir has changed"))
            try await bench.eventuallyRetained("pm/cluster/node/health") { $0.text.contains(#""interval":7"#) }
            let late = try await bench.ask(
                "node", #"{"method":"create_node","timestamp":\#(time(nil) - 30)}"#)["result"]
            #expect(late?["error"]?["code"] == "expired")
            try await reload(#"{"health_interval":0}"#) {
                $0.contains("kept the configuration as it was: health_interval must be a number")
            }
            #expect(try await bench.method("node", "get_health")["interval"] == 7)
            #expect(try await bench.method("node", .removeNode(id))["status"] == "success")
        }
    }

    @Test func `a new host_lost_after also applies to hosts that are already offline`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode()
            let children = bench.host.descendants
            bench.host.kill()
            for process in children { process.kill() }
            try await bench.eventuallyRetained("pm/cluster/node/\(id)/state") { $0.text.contains("host_offline") }
            try bench.cluster.folder.write(#"{"host_lost_after":1}"#, to: "cluster.json")
            bench.cluster.signal(SIGHUP)
            try await bench.isGone("node", id)
        }
    }
}
