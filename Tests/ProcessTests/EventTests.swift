import Glibc
import TestSupport
import Testing

/// What the agent says about what happens: on `pm/<host>/event` and in its log.
@Suite(.serialized) struct EventTests {
    @Test func `start, exit, restart and stop are told with their figures`() async throws {
        try await withAgent { bench in
            let watcher = try await bench.watcher(of: bench.topic("event"))
            func next(_ event: JSONValue) async throws -> JSONValue {
                try await watcher.next { (try? $0.value)?["event"] == event }.value
            }
            let pid = try await bench.start(.sleep("a").restart("always", delay: 0.1))
            let started = try await next("started")
            #expect(started["process_id"] == "a" && started["pid"]?.integer == pid && started["level"] == "info")
            #expect(started["message"]?.string == "a started (pid \(pid))" && started["host"] == "h1")
            #expect(started["timestamp"]?.number ?? 0 > 1e9)
            kill(pid_t(pid), SIGKILL)
            let exited = try await next("exited")
            #expect(exited["signal"] == 9 && exited["exit_code"] == 137 && exited["uptime"]?.number != nil)
            #expect(exited["level"] == "warning")
            let restarting = try await next("restarting")
            #expect(restarting["delay"]?.number ?? 0 > 0)
            let again = try await next("started")
            #expect(again["message"]?.string?.hasSuffix("restart 1)") == true)
            try await bench.kill("a")
            let stopped = try await next("stopped")
            #expect(stopped["signal"] == 15 && stopped["pid"] == again["pid"])
            _ = try await bench.method(.removeProcess("a"))
            #expect(try await next("removed")["process_id"] == "a")
            for message in [started, exited, restarting, again, stopped] {
                #expect(bench.agent.log.contains(message["message"]?.string ?? "?"))
            }
        }
    }

    @Test func `failures, health and refusals are told with their reasons`() async throws {
        try await withAgent { bench in
            let watcher = try await bench.watcher(of: bench.topic("event"))
            func next(_ event: JSONValue) async throws -> JSONValue {
                try await watcher.next { (try? $0.value)?["event"] == event }.value
            }
            let config = ProcessConfig.shell("exit 4", name: "a")
                .with("restart", ["policy": "always", "delay": 0, "start_limit": 2])
            _ = try await bench.start(config)
            let failed = try await next("failed")
            #expect(failed["level"] == "error" && failed["message"]?.string?.hasPrefix("a has failed: ") == true)
            let health = try await next("health")
            #expect(health["health"] == "bad" && health["reasons"]?.array?.count == 1)
            try await bench.kill("a")
            #expect(try await next("health")["health"] == "good")
            _ = try await bench.method(.startProcess(.command("/no/such/program")))
            let refused = try await next("refused")
            #expect(refused["code"] == "exec_failed")
            #expect(refused["message"]?.string?.hasPrefix("refused start_process of program: exec_failed: ") == true)
            _ = try await bench.ask("{nonsense")
            #expect(try await next("refused")["code"] == "malformed_request")
        }
    }

    @Test func `the agent says that it is connected`() async throws {
        try await withAgent { bench in
            let watcher = try await bench.watcher(of: bench.topic("event"))
            try await bench.restartAgent()
            let event = try await watcher.next { (try? $0.value)?["event"] == "connected" }.value
            #expect(event["message"] == "connected to the broker")
        }
    }

    @Test func `lines have time, level and name, and less important ones can be left out`() async throws {
        try await withAgent(.init(configuration: #"{"log_level":"warning"}"#)) { bench in
            _ = try await bench.start(.shell("exit 1", name: "a"))
            try await bench.state("exited", of: "a")
            let line = try #require(
                bench.agent.log.split(separator: "\n").first { $0.contains("a ended with exit code 1") })
            let pattern = #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} warning pm-agent: a ended .*/#
            #expect(line.wholeMatch(of: pattern) != nil, "\(line)")
            #expect(!bench.agent.log.contains("started"))
        }
        try await withAgent(.init(arguments: ["--log-level", "debug"])) { bench in
            _ = try await bench.method("get_health")
            try await eventually("the request is logged") {
                bench.agent.log.contains("debug pm-agent: get_health: success")
            }
        }
    }

    @Test func `under systemd's journal, lines begin with their level`() async throws {
        let script = #"exec 2>"$0"; export JOURNAL_STREAM=$(stat -L -c %d:%i /dev/fd/2); exec "$@""#
        let folder = try TemporaryFolder()
        let wrapper = ["/bin/sh", "-c", script, "\(folder.path)/journal"]
        try await withAgent(.init(wrapper: wrapper)) { bench in
            _ = try await bench.start(.shell("exit 1", name: "a"))
            try await bench.state("exited", of: "a")
            let lines = folder.read("journal").split(separator: "\n")
            #expect(lines.contains { $0.hasPrefix("<6>connected to ") })
            #expect(lines.contains { $0.hasPrefix("<4>a ended with exit code 1") })
            try await bench.crashWorker()
            try await eventually("the keeper's line") {
                folder.read("journal").contains("\n<4>the worker ended unexpectedly")
            }
        }
    }

    @Test func `a wrong level is refused`() async throws {
        let folder = try TemporaryFolder()
        let status = try await ChildProcess(
            [
                try Binaries.agent, "--check-config", "--broker", "unix:///x", "--state-dir", folder.path,
                "--log-level", "loud",
            ], log: "\(folder.path)/log"
        ).ended()
        #expect(status >> 8 == 100)
        #expect(folder.read("log").contains("log_level must be error, warning, info or debug"))
    }
}
