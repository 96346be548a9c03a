import TestSupport
import Testing

extension RealVMTests {
    /// An old state directory with real guests, from which pm-cluster learns their processes.
    @Suite(.realVMs) struct VMRestoreTests {
        @Test func `a VM that is newer than the backup is adopted with its process, which keeps running`() async throws
        {
            try await withRealVMs { bench in
                try await bench.backUp()
                let config = #"{"name":"app","command":["sleep","1000"],"env":{"A":"b"},"restart":"always"}"#
                try await bench.allocate("new", config)
                let pid = try await bench.process(in: "new", "app")?["pid"]
                let old = try await bench.restore()
                try await old.isBad("vm", "vm new on h1 is in no file of pm-cluster")
                try await old.hasVMs()
                let adopted = try await old.method("vm", .call("adopt_vm", ["vm_id": "new"]))
                #expect(adopted["status"] == "success", "\(adopted)")
                try await old.isRunning("vm", "new")
                let state = try await old.retainedJSON("pm/cluster/vm/new/state")
                #expect(state?["process_id"] == "app" && state?["memory_mb"] == 128)
                #expect(try await old.process(in: "new", "app")?["pid"] == pid)
                #expect(try await old.method("vm", "confirm_state")["status"] == "success")
                try await old.isGood("vm")
                // A reset starts the adopted config.
                #expect(try await old.method("vm", .resetVM("new"))["status"] == "success")
                let again = try await old.process(in: "new", "app")
                #expect(again?["state"] == "running" && again?["config"]?["env"] == ["A": "b"])
                try await old.removeVMs()
            }
        }
    }
}
