import Glibc
import TestSupport
import Testing

extension VMTests {
    /// Faults of guests, of QEMU, and of the agents and runners that run them.
    @Suite struct VMFaultTests {
        @Test func `a VM and its connection survive the death of the worker`() async throws {
            try await withVMs { bench in
                let pid = try await bench.start("v1")
                let status = try await bench.host.watcher(of: "pm/v1/status")
                _ = try await status.next { $0.text == "online" }
                let host = try await bench.host.watcher(of: bench.host.topic("status"))
                _ = try await host.next { $0.text == "online" }
                bench.host.agent.worker?.kill()
                _ = try await host.next { $0.text == "offline" }
                _ = try await host.next { $0.text == "online" }
                let entry = try await bench.host.method("get_processes")["process"]?.array?.first
                #expect(entry?["pid"]?.integer == pid && entry?["state"] == "running")
                #expect(try await bench.shell("v1", "echo still there") == "still there")
                #expect(status.takeAll().isEmpty)
                let result = try await bench.host.method(.killProcess("v1"))
                #expect(result["status"] == "success")
                #expect(try await bench.state("exited", of: "v1")["exit_code"] == 0)
            }
        }

        @Test func `a panic is logged, and the VM is restarted`() async throws {
            try await withVMs { bench in
                let pid = try await bench.start("v1", ["restart": ["policy": "always", "delay": 0]])
                let first = try await bench.shell("v1", "cat /proc/sys/kernel/random/boot_id")
                let status = try await bench.host.watcher(of: "pm/v1/status")
                _ = try await status.next { $0.text == "online" }
                // There is no answer, because the guest dies.
                let config = #"{"name":"p","command":["/bin/sh","-c","echo c >/proc/sysrq-trigger"]}"#
                try await bench.host.client.publish(
                    "pm/v1/control", #"{"method":"start_process","args":{"config":\#(config)}}"#)
                _ = try await status.next(within: VMBench.patience) { $0.text == "offline" }
                _ = try await status.next(within: VMBench.patience) { $0.text == "online" }
                let log = try await bench.log("v1")
                #expect(log.contains("Kernel panic - not syncing"), "\(log)")
                #expect(log.contains("pm-vm: the guest's kernel panicked"), "\(log)")
                let entry = try await bench.host.method("get_processes")["process"]?.array?.first
                #expect(entry?["pid"]?.integer != pid && entry?["restarts"] == 1)
                #expect(try await bench.shell("v1", "cat /proc/sys/kernel/random/boot_id") != first)
            }
        }

        @Test func `a VM fails if QEMU is killed`() async throws {
            try await withVMs { bench in
                let pid = try await bench.start("v1")
                SystemProcess(pid).children.first?.kill()
                let entry = try await bench.state("exited", of: "v1")
                #expect(entry["exit_code"] == 1)
                #expect(try await bench.log("v1").contains("pm-vm: the VM ended unexpectedly"))
            }
        }

        /// The limit is below the memory of the guest.
        @Test func `the reason why QEMU does not start is in the log and in the entry`() async throws {
            try await withVMs { bench in
                let result = try await bench.host.method(.startProcess(.vm("v1").with("limits", ["memory": "64M"])))
                #expect(result["status"] == "success", "\(result)")
                let entry = try await bench.state("exited", of: "v1")
                let error = try #require(entry["error"]?.string)
                #expect(error.hasPrefix("pm-vm: the VM ended unexpectedly: QEMU ended with "), "\(error)")
                #expect(error.contains("memory") || error.hasSuffix("signal 9"), "\(error)")
                #expect(try await bench.log("v1").contains(error))
                // The reason survives the worker.
                let watcher = try await bench.host.watcher(of: bench.host.topic("process/v1"))
                bench.host.agent.worker?.kill()
                _ = try await watcher.next { !$0.isRetained && (try? $0.value)?["error"]?.string == error }
            }
        }

        @Test func `QEMU does not outlive its runner`() async throws {
            try await withVMs { bench in
                let pid = try await bench.start("v1")
                let qemu = try #require(SystemProcess(pid).children.first)
                SystemProcess(pid).kill()
                let entry = try await bench.state("exited", of: "v1")
                #expect(entry["signal"]?.integer == Int(SIGKILL))
                #expect(qemu.hasEnded)
            }
        }

        @Test func `a stop during the boot takes effect at once`() async throws {
            try await withVMs { bench in
                _ = try await bench.host.method(.startProcess(.vm("v1")))
                let pid = try #require(try await bench.state("running", of: "v1")["pid"]?.integer)
                let result = try await bench.host.method(.killProcess("v1"))
                #expect(result["status"] == "success")
                let entry = try await bench.state("exited", of: "v1")
                // A runner that has just begun does not handle signals yet.
                #expect(entry["exit_code"] == 0 || entry["signal"]?.integer == Int(SIGTERM), "\(entry)")
                #expect(!SystemProcess(pid).exists)
                #expect(!bench.host.agent.descendants.contains { $0.arguments.contains("v1") })
            }
        }

        @Test func `a VM ends in an orderly way when its agent is shut down`() async throws {
            try await withVMs { bench in
                try await bench.start("v1")
                _ = try await bench.inside("v1", .call("shutdown"))
                #expect(try await bench.state("exited", of: "v1")["exit_code"] == 0)
            }
        }

        @Test func `a worker that dies in a guest is replaced, and its processes keep running`() async throws {
            try await withVMs { bench in
                try await bench.start("v1")
                let started = try await bench.inside("v1", .startProcess(.sleep("p")))
                let status = try await bench.host.watcher(of: "pm/v1/status")
                _ = try await status.next { $0.text == "online" }
                // There is no answer, because the worker dies.
                let config = #"{"name":"k","command":["/bin/sh","-c","kill -9 $(pidof pm-agent)"]}"#
                try await bench.host.client.publish(
                    "pm/v1/control", #"{"method":"start_process","args":{"config":\#(config)}}"#)
                _ = try await status.next(within: VMBench.patience) { $0.text == "offline" }
                _ = try await status.next(within: VMBench.patience) { $0.text == "online" }
                let entries = try await bench.inside("v1", .call("get_processes"))["process"]?.array ?? []
                let entry = entries.first { $0["process_id"] == "p" }
                #expect(entry?["pid"] == started["pid"] && entry?["state"] == "running")
            }
        }
    }
}
