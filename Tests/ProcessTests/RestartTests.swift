import Glibc
import TestSupport
import Testing

/// `restart`: whether and when an ended process is restarted, and when it is given up.
@Suite(.serialized) struct RestartTests {
    @Test func `a process is restarted as often as it is killed`() async throws {
        try await withAgent { bench in
            var pid = try await bench.start(
                .sleep("a").with("restart", ["policy": "always", "delay": 0, "start_limit": 0]))
            for restarts in 1...20 {
                kill(pid_t(pid), SIGKILL)
                let entry = try await bench.entry("a") {
                    $0["state"] == "running" && $0["restarts"]?.integer == restarts
                }
                let next = try #require(entry["pid"]?.integer)
                #expect(next != pid && SystemProcess(next).exists && entry["want"] == "up")
                #expect(entry["exit_code"] == nil && entry["exited_at"] == nil)
                pid = next
            }
            #expect(bench.agent.descendants.map(\.pid) == [pid])
            try await bench.kill("a")
            #expect(try await bench.entry("a")["state"] == "exited")
        }
    }

    @Test(arguments: [
        ("never", "exit 0", false), ("never", "exit 1", false), ("never", "kill -9 $$", false),
        ("on_failure", "exit 0", false), ("on_failure", "exit 1", true), ("on_failure", "kill -9 $$", true),
        ("always", "exit 0", true), ("always", "exit 1", true), ("always", "kill -9 $$", true),
    ])
    func `the restart policy decides whether a process is restarted`(policy: String, end: String, again: Bool)
        async throws
    {
        try await withAgent { bench in
            let runs = "\(bench.agent.folder.path)/runs"
            let script = "echo x >> \(runs); [ -e \(runs).second ] && exec sleep 1000; : > \(runs).second; \(end)"
            _ = try await bench.start(.shell(script, name: "a").restart(policy, delay: 0))
            let entry =
                again
                ? try await bench.entry("a") { $0["state"] == "running" && $0["restarts"] == 1 }
                : try await bench.state("exited", of: "a")
            #expect(entry["want"]?.string == (again ? "up" : "down"))
            #expect(entry["restarts"]?.integer == (again ? 1 : 0))
            try await eventually("the runs") { bench.agent.folder.read("runs") == (again ? "x\nx\n" : "x\n") }
        }
    }

    @Test func `a process in back-off can be reset or stopped`() async throws {
        try await withAgent { bench in
            let config = try ProcessConfig.testChild("--exit 3", name: "a").restart("always", delay: 3600)
            let first = try await bench.start(config)
            let entry = try await bench.state("backoff", of: "a")
            #expect(entry["exit_code"] == 3 && entry["want"] == "up" && entry["pid"] == nil)
            #expect(entry["restarts"] == 0)
            try await bench.expectFailure(.startProcess(config), "name_in_use", "a is in use by a live process")
            let second = try #require(try await bench.reset("a"))
            #expect(second != first)
            #expect(try await bench.entry("a") { $0["state"] == "backoff" && $0["restarts"] == 1 }["pid"] == nil)
            try await bench.kill("a")
            let stopped = try await bench.entry("a")
            #expect(stopped["state"] == "exited" && stopped["want"] == "down" && stopped["exit_code"] == 3)
            try await bench.health([])
        }
    }

    @Test func `after too many restarts a process has failed, a health reason until it is stopped`() async throws {
        try await withAgent { bench in
            let config = try ProcessConfig.testChild("--exit 7", name: "a").with(
                "restart", ["policy": "always", "delay": 0, "start_limit": 3])
            _ = try await bench.start(config)
            let entry = try await bench.state("failed", of: "a")
            let reason = "3 restarts within 600 s, last exit code 7"
            #expect(entry["restarts"] == 3 && entry["exit_code"] == 7 && entry["want"] == "up")
            #expect(entry["error"]?.string == reason)
            try await bench.health(["process a failed: \(reason)"])
            // A reset restarts the count.
            #expect(try await bench.reset("a") != nil)
            _ = try await bench.entry("a") { $0["state"] == "failed" && $0["restarts"] == 7 }
            try await bench.health(["process a failed: \(reason)"])
            try await bench.kill("a")
            try await bench.health([])
            #expect(try await bench.entry("a")["want"] == "down")
        }
    }

    @Test func `under always, the start limit counts failed runs only`() async throws {
        try await withAgent { bench in
            let end = "\(bench.agent.folder.path)/end"
            try bench.agent.folder.write("exit 0", to: "end")
            let rules = #"{"policy":"always","delay":0.01,"max_delay":0.01,"start_limit":2}"#
            _ = try await bench.start(config: #"{"name":"a","command":\#(shell(". \(end)")),"restart":\#(rules)}"#)
            let entry = try await bench.entry("a") { ($0["restarts"]?.integer ?? 0) > 6 }
            #expect(entry["want"] == "up")
            try await bench.health([])
            try bench.agent.folder.write("exit 9", to: "end")
            let failed = try await bench.state("failed", of: "a")
            #expect(failed["error"] == "2 restarts within 600 s, last exit code 9")
        }
    }

    @Test func `a run that lasted at least reset_after resets the back-off`() async throws {
        try await withAgent { bench in
            // Without the reset, the fourth restart would be delayed by minutes.
            let rules = #"{"policy":"always","delay":0.05,"max_delay":86400,"reset_after":0,"start_limit":0}"#
            _ = try await bench.start(
                config: #"{"name":"a","command":\#(try testChild("--exit 3")),"restart":\#(rules)}"#)
            let entry = try await bench.entry("a") { ($0["restarts"]?.integer ?? 0) > 20 }
            #expect(entry["want"] == "up")
        }
    }

    @Test func `a crash is shown as its signal`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(
                .testChild("--crash", name: "a").with(
                    "restart", ["policy": "on_failure", "delay": 0, "start_limit": 1, "start_interval": 0]
                ).with("limits", ["core": 0]))
            let entry = try await bench.state("failed", of: "a")
            #expect(entry["signal"] == 6 && entry["exit_code"] == 134)
            #expect(entry["error"] == "1 restarts, last signal 6")
        }
    }

    @Test func `a failed first start is not retried`() async throws {
        try await withAgent { bench in
            try await bench.expectFailure(
                .startProcess(.command("/no/such", name: "a").restart("always", delay: 0)),
                "exec_failed", "program /no/such: no such file or directory")
            #expect(try await bench.method("get_processes")["process"] == [])
            try await bench.health([])
        }
    }

    @Test func `a failed restart is retried`() async throws {
        try await withAgent { bench in
            let program = "\(bench.agent.folder.path)/program"
            let install = {
                try bench.agent.folder.write("#!/bin/sh\nexec sleep 1000\n", to: "program.new")
                chmod("\(program).new", 0o700)
                rename("\(program).new", program)
            }
            try install()
            let pid = try await bench.start(
                config:
                    #"{"name":"a","path":"\#(program)","restart":{"policy":"always","delay":0.01,"max_delay":0.01,"start_limit":0}}"#
            )
            unlink(program)
            kill(pid_t(pid), SIGKILL)
            let entry = try await bench.entry("a") { $0["error"] != nil }
            #expect(entry["error"]?.string?.hasSuffix("no such file or directory") == true && entry["want"] == "up")
            try install()
            let again = try await bench.state("running", of: "a")
            #expect(again["error"] == nil && (again["restarts"]?.integer ?? 0) > 1)
        }
    }

    @Test func `a failure stays a health reason until the process is stopped`() async throws {
        try await withAgent { bench in
            let program = "\(bench.agent.folder.path)/program"
            try bench.agent.folder.write("#!/bin/sh\nexec sleep 1000\n", to: "program")
            chmod(program, 0o700)
            let start = #"{"config":{"name":"web","path":"\#(program)"}}"#
            #expect(try await bench.method("start_process", start)["status"] == "success")
            unlink(program)
            #expect(try await bench.method(.resetProcess("web"))["status"] == "failed")
            #expect(try await bench.method("get_health")["health"] == "bad")
            // Another failure of the same name does not hide the first.
            #expect(try await bench.method("start_process", start)["status"] == "failed")
            #expect(try await bench.method("get_health")["health"] == "bad")
            #expect(try await bench.method(.killProcess("web"))["status"] == "success")
            #expect(try await bench.method("get_health")["health"] == "good")
            let again = try await bench.method(.killProcess("web"))
            #expect(again["error"]?["code"] == "no_such_process")
        }
    }
}
