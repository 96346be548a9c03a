import Glibc
import TestSupport
import Testing

/// `schedule`: runs of scheduled processes.
@Suite(.serialized) struct ScheduleTests {
    /// A schedule that is not due during a test.
    private static let yearly = #""schedule":"0 0 29 2 *""#

    @Test func `a scheduled process waits for its next start and shows it`() async throws {
        try await withAgent { bench in
            try await bench.expectMethod(
                .startProcess(.sleep("a").with("schedule", "*/5 * * * *")),
                ["status": "success", "message": "process started successfully", "process_id": "a"])
            let entry = try await bench.entry("a")
            let next = try #require(entry["next_start"]?.number)
            #expect(next > Double(time(nil)) - 1 && next <= Double(time(nil)) + 300 && Int(next) % 300 == 0)
            #expect(entry["state"] == "exited" && entry["want"] == "up" && entry["pid"] == nil)
            #expect(entry["started_at"] == nil && entry["restarts"] == 0 && entry["runs"] == 0)
            #expect(entry["command"] == "sleep 1000")
            try await bench.expectFailure(
                .startProcess(.sleep("a")), "name_in_use",
                "a is in use by a live process")
        }
    }

    @Test func `a reset runs a scheduled process now, then it waits again`() async throws {
        try await withAgent { bench in
            _ = try await bench.method(.startProcess(.testChild("--exit 3", name: "a").raw(Self.yearly)))
            let next = try await bench.entry("a")["next_start"]
            for run in 1...2 {
                #expect(try await bench.reset("a") != nil)
                let entry = try await bench.entry("a") {
                    $0["next_start"] != nil && $0["exit_code"] == 3 && $0["runs"]?.integer == run
                }
                #expect(entry["restarts"] == 0 && entry["error"] == "exit code 3")
                #expect(entry["state"] == "exited" && entry["want"] == "up" && entry["next_start"] == next)
            }
            try await bench.health(["process a failed: exit code 3"])
        }
    }

    @Test func `a failed run is a health reason until a run succeeds or the process is stopped`() async throws {
        try await withAgent { bench in
            let end = "\(bench.agent.folder.path)/end"
            func run(_ script: String, _ reasons: [String]) async throws {
                try bench.agent.folder.write(script, to: "end")
                let runs = try #require(try await bench.entry("a")["runs"]?.integer)
                #expect(try await bench.reset("a") != nil)
                _ = try await bench.entry("a") { $0["runs"]?.integer == runs + 1 && $0["next_start"] != nil }
                try await bench.health(reasons)
            }
            _ = try await bench.method(.startProcess(.shell(". \(end)", name: "a").raw(Self.yearly)))
            try await bench.health([])
            try await run("exit 4", ["process a failed: exit code 4"])
            try await run("kill -9 $$", ["process a failed: signal 9"])
            try await bench.crashWorker()
            try await bench.health(["process a failed: signal 9"])
            // The next run has not succeeded while it is still going.
            try bench.agent.folder.write("exec sleep 1000", to: "end")
            let pid = try #require(try await bench.reset("a"))
            #expect(try await bench.entry("a")["error"] == nil)
            try await bench.health(["process a failed: signal 9"])
            kill(pid_t(pid), SIGTERM)
            try await bench.health(["process a failed: signal 15"])
            try await run("exit 0", [])
            #expect(try await bench.entry("a")["error"] == nil)
            try await run("exit 5", ["process a failed: exit code 5"])
            try await bench.kill("a")
            try await bench.health([])
        }
    }

    @Test func `a stop ends the wait and the run`() async throws {
        try await withAgent { bench in
            let config = #"{"config":{"name":"a","command":"sleep 1000",\#(Self.yearly)}}"#
            _ = try await bench.method("start_process", config)
            try await bench.kill("a")
            let stopped = try await bench.entry("a")
            #expect(stopped["want"] == "down" && stopped["next_start"] == nil)
            _ = try await bench.method("start_process", config)
            let pid = try #require(try await bench.reset("a"))
            #expect(try await bench.entry("a")["next_start"] == nil)
            try await bench.kill("a")
            #expect(!SystemProcess(pid).exists)
            #expect(try await bench.entry("a")["next_start"] == nil)
        }
    }

    @Test func `a run begins at the start of its minute`() async throws {
        try await withAgent { bench in
            _ = try await bench.method(.startProcess(.testChild("--exit 5", name: "a").with("schedule", "* * * * *")))
            let due = try #require(try await bench.entry("a")["next_start"]?.number)
            let watcher = try await bench.watcher(of: bench.topic("process/a"))
            let entry = try await watcher.next(within: .seconds(70)) { (try? $0.value)?["exit_code"] == 5 }.value
            #expect((entry["started_at"]?.number ?? 0) >= due)
            #expect(entry["next_start"]?.number == due + 60 && entry["want"] == "up")
        }
    }

    @Test func `a process that can't be started waits for its next time`() async throws {
        try await withAgent { bench in
            _ = try await bench.method(.startProcess(.command("/no/such", name: "a").raw(Self.yearly)))
            try await bench.expectFailure(
                .resetProcess("a"), "exec_failed", "program /no/such: no such file or directory")
            let entry = try await bench.entry("a")
            #expect(entry["state"] == "exited" && entry["next_start"] != nil && entry["want"] == "up")
            #expect(entry["error"] == "program /no/such: no such file or directory" && entry["runs"] == 0)
            try await bench.health(["process a failed: program /no/such: no such file or directory"])
        }
    }

    @Test(arguments: [
        (#""schedule":"61 * * * *""#, "config.schedule must be a cron schedule: its minute can't be \"61\""),
        (
            #""schedule":"* * *""#,
            "config.schedule must be a cron schedule: it needs minute, hour, day of month, month and day of week"
        ),
        (#""schedule_catch_up":true"#, "config.schedule_catch_up needs schedule"),
        (#""schedule":5"#, "config.schedule must be a string"),
        (
            #""schedule":"@daily","restart":"always""#, "config.restart.policy must be never when schedule is set"
        ),
    ])
    func `an invalid schedule is refused`(fields: String, detail: String) async throws {
        try await withAgent { bench in
            try await bench.expectFailure(.startProcess(.command("sleep 1").raw(fields)), "invalid_argument", detail)
        }
    }
}
