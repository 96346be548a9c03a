import TestSupport
import Testing

extension VMTests {
    /// Faults inside guests that keep running.
    @Suite struct GuestFaultTests {
        @Test func `a guest that has lost its network is given up and restarted`() async throws {
            let options = AgentProcess.Options(configuration: #"{"stop_grace":10,"vm_silence_timeout":3}"#)
            try await withVMs(options) { bench in
                let pid = try await bench.start("v1", ["restart": ["policy": "always", "delay": 0]])
                let status = try await bench.host.watcher(of: "pm/v1/status")
                _ = try await status.next { $0.text == "online" }
                // Killing the worker ends the connection; the next one finds no network.
                let script = "kill -9 $(pidof pm-agent); ifconfig eth0 down"
                let config = #"{"name":"k","command":["/bin/sh","-c","\#(script)"]}"#
                try await bench.host.client.publish(
                    "pm/v1/control", #"{"method":"start_process","args":{"config":\#(config)}}"#)
                _ = try await status.next(within: VMBench.patience) { $0.text == "offline" }
                _ = try await status.next(within: VMBench.patience) { $0.text == "online" }
                #expect(
                    try await bench.log("v1").contains(
                        "pm-vm: the guest had no connection to the broker for too long"))
                let entry = try await bench.host.method("get_processes")["process"]?.array?.first
                #expect(entry?["pid"]?.integer != pid && entry?["restarts"] == 1)
            }
        }

        @Test func `a process that takes all memory of its guest is killed, reported, and restarted by its policy`()
            async throws
        {
            try await withVMs { bench in
                let pid = try await bench.start("v1")
                let config = ProcessConfig.command("tail /dev/zero", name: "hog")
                    .with("restart", ["policy": "on_failure", "delay": 0, "start_limit": 1])
                let watcher = try await bench.host.watcher(of: "pm/v1/process/hog")
                let started = try await bench.inside("v1", .startProcess(config))
                #expect(started["status"] == "success", "\(started)")
                let entry = try await watcher.next(within: VMBench.patience) {
                    (try? $0.value)?["state"] == "failed"
                }.value
                #expect(entry["signal"] == 9 && entry["restarts"] == 1, "\(entry)")
                // The VM and its agent are not affected.
                #expect(try await bench.shell("v1", "hostname") == "v1")
                let vm = try await bench.host.method("get_processes")["process"]?.array?.first
                #expect(vm?["pid"]?.integer == pid && vm?["state"] == "running")
            }
        }
    }
}
