import Glibc
import TestSupport
import Testing

/// A wall clock that is set while processes run and wait. Only the agent sees it, see ``JumpingClock``.
@Suite(.serialized) struct ClockTests {
    /// A schedule that is practically never due during a test.
    private static let yearly = #""schedule":"0 0 29 2 *""#
    private static let day = 86_400

    private func withClock(
        _ seconds: Int = 0, _ body: (AgentBench, JumpingClock) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let clock = try JumpingClock(at: "\(folder.path)/clock")
        try clock.set(seconds)
        try await withAgent(.init(wrapper: try clock.wrapper)) { try await body($0, clock) }
    }

    /// The time of the host's own clock.
    private var now: Double { Double(time(nil)) }

    @Test func `uptimes, times and schedules are right after a boot in 1970`() async throws {
        try await withClock(1_000 - time(nil)) { bench, clock in
            _ = try await bench.start(.sleep("a"))
            _ = try await bench.method(.startProcess(.command("x", name: "b").raw(Self.yearly)))
            #expect(try #require(try await bench.entry("a")["started_at"]?.number) < 10_000)
            #expect(try #require(try await bench.entry("b")["next_start"]?.number) < 1e8)
            try await bench.health("bad", "the clock is not set")
            // In the retained entry, and not only in answers.
            let watcher = try await bench.watcher(of: bench.topic("process/+"))
            try clock.set(0)
            let retained = try await watcher.next { message in
                message.topic.hasSuffix("/a") && (try? message.value)?["started_at"]?.number ?? 0 > 1e9
            }.value
            let entry = try await bench.entry("a")
            for entry in [retained, entry] {
                #expect(abs(try #require(entry["started_at"]?.number) - now) < 600)
                #expect(try #require(entry["uptime"]?.number) < 600)
            }
            let next = try #require(try await bench.entry("b")["next_start"]?.number)
            #expect(next > now && next < now + Double(8 * 366 * Self.day))
            let health = try await bench.method("get_health")
            #expect(try #require(health["uptime"]?.number) < 600)
            #expect(health["health"] == "good" && health["reasons"] == [])
        }
    }

    @Test func `a schedule follows a clock that is set`() async throws {
        try await withClock { bench, clock in
            _ = try await bench.method(.startProcess(.testChild("--exit 0", name: "a").raw(Self.yearly)))
            let due = try #require(try await bench.entry("a")["next_start"]?.number)
            try clock.set(Int(due) - time(nil) - 2)
            let entry = try await bench.entry("a") { $0["runs"] == 1 && $0["exit_code"] == 0 }
            #expect(try #require(entry["started_at"]?.number) >= due)
            #expect(try #require(entry["next_start"]?.number) > due)
            // Set back by years, it waits for the same time again.
            try clock.set(0)
            _ = try await bench.entry("a") { $0["next_start"]?.number == due && $0["runs"] == 1 }
        }
    }

    @Test func `a clock correction neither skips a start nor repeats one`() async throws {
        try await withClock { bench, clock in
            _ = try await bench.method(.startProcess(.testChild("--exit 0", name: "a").raw(Self.yearly)))
            let due = try #require(try await bench.entry("a")["next_start"]?.number)
            _ = try await bench.start(.sleep("witness"))
            let started = try #require(try await bench.entry("witness")["started_at"]?.number)
            func set(_ jump: Int) async throws {
                try clock.set(jump)
                _ = try await bench.entry("witness") {
                    abs(($0["started_at"]?.number ?? 0) - started - Double(jump)) < 1
                }
            }
            let before = Int(due) - time(nil) - 1_800
            try await set(before)
            #expect(try await bench.entry("a")["next_start"]?.number == due)
            // Half an hour after it was due.
            try await set(before + 3_600)
            let entry = try await bench.entry("a") { $0["runs"] == 1 && $0["next_start"] != nil }
            let next = try #require(entry["next_start"]?.number)
            #expect(next > due)
            // And half an hour before it again.
            try await set(before)
            let again = try await bench.entry("a")
            #expect(again["next_start"]?.number == next && again["runs"] == 1)
        }
    }

    @Test func `restarts are counted by the boot clock`() async throws {
        try await withClock { bench, clock in
            let rules = #"{"policy":"always","delay":0,"start_limit":2,"start_interval":600}"#
            var pid = try await bench.start(config: #"{"name":"a","command":"sleep 1000","restart":\#(rules)}"#)
            for (restarts, jump) in [(1, Self.day), (2, -Self.day)] {
                kill(pid_t(pid), SIGKILL)
                let entry = try await bench.entry("a") {
                    $0["state"] == "running" && $0["restarts"]?.integer == restarts
                }
                pid = try #require(entry["pid"]?.integer)
                try clock.set(jump)
                _ = try await bench.entry("a") { abs(($0["started_at"]?.number ?? 0) - now - Double(jump)) < 3_600 }
            }
            kill(pid_t(pid), SIGKILL)
            let failed = try await bench.state("failed", of: "a")
            #expect(failed["error"] == "2 restarts within 600 s, last signal 9")
        }
    }

    @Test func `an adopted process keeps its uptime when the clock is set`() async throws {
        try await withClock { bench, clock in
            _ = try await bench.start(.sleep("a"))
            let started = try #require(try await bench.entry("a")["started_at"]?.number)
            let folder = bench.agent.folder.path
            try await bench.crashWorker { try clock.set(400 * Self.day) }
            var entry = try await bench.entry("a")
            #expect(abs(try #require(entry["started_at"]?.number) - started - Double(400 * Self.day)) < 1)
            #expect(try #require(entry["uptime"]?.number) < 600)
            bench.agent.kill()
            // An agent before 0.3 wrote wall clock times to its journal.
            let journal = TemporaryFolder.text(of: "\(folder)/state/journal")
            #expect(journal.contains("started_after_boot"))
            try bench.agent.folder.write(
                journal.replacing(#/"started_after_boot":[0-9.]+/#, with: #""started_at":\#(started)"#),
                to: "state/journal")
            try await bench.startAgentAgain()
            entry = try await bench.entry("a")
            #expect(entry["state"] == "running")
            #expect(try #require(entry["uptime"]?.number) < 600)
        }
    }

    // MARK: Starts that are due while no worker or agent runs

    @Test func `a start that was due while the worker was replaced happens once`() async throws {
        try await withClock { bench, clock in
            _ = try await bench.method(.startProcess(.testChild("--exit 0", name: "a").raw(Self.yearly)))
            let due = try #require(try await bench.entry("a")["next_start"]?.number)
            // This worker must not see the new time, and the next one must not see the old time.
            bench.agent.worker?.kill(SIGSTOP)
            try clock.set(Int(due) - time(nil) + 30 * Self.day)
            try await bench.crashWorker()
            let entry = try await bench.entry("a") { $0["runs"] == 1 && $0["next_start"] != nil }
            #expect(try #require(entry["next_start"]?.number) > due)
            try await bench.crashWorker()
            #expect(try await bench.entry("a")["runs"] == 1)
        }
    }

    /// How an agent ends before the next one.
    enum End: CaseIterable { case killed, stopped }

    @Test(arguments: End.allCases, [false, true])
    func `a start that was due while no agent ran is caught up if the config says so`(end: End, catchesUp: Bool)
        async throws
    {
        try await withClock { bench, clock in
            let fields = "\(Self.yearly),\"persist\":true,\"schedule_catch_up\":\(catchesUp)"
            _ = try await bench.method(.startProcess(.testChild("--exit 0", name: "a").raw(fields)))
            let due = try #require(try await bench.entry("a")["next_start"]?.number)
            if end == .killed { bench.agent.kill() } else { try await bench.agent.stop() }
            try clock.set(Int(due) - time(nil) + 30 * Self.day)
            try await bench.startAgentAgain()
            let runs = catchesUp ? 1 : 0
            let entry = try await bench.entry("a") {
                $0["runs"]?.integer == runs && ($0["next_start"]?.number ?? 0) > due
            }
            // Not a second time.
            if end == .killed { bench.agent.kill() } else { try await bench.agent.stop() }
            try await bench.startAgentAgain()
            let last = try await bench.entry("a") { $0["next_start"] != nil }
            #expect(last["runs"]?.integer == (end == .killed ? runs : 0))
            #expect(last["next_start"] == entry["next_start"])
        }
    }

    @Test func `a process of processes_d is caught up, even if the clock is right only later`() async throws {
        try await withClock { bench, clock in
            let child = try testChild("--exit 0")
            let config = #"{"name":"a","command":\#(child),\#(Self.yearly),"schedule_catch_up":true}"#
            mkdir("\(bench.agent.stateDirectory)/processes.d", 0o755)
            try bench.agent.folder.write(config, to: "state/processes.d/a.json")
            bench.agent.signal(SIGHUP)
            // No closure inside of #require: Swift 6.3 calls it in the place of another one.
            let waiting = try await bench.entry("a") { $0["next_start"] != nil }
            let due = try #require(waiting["next_start"]?.number)
            try await bench.agent.stop()
            try clock.set(1_000 - time(nil))
            try await bench.startAgentAgain()
            _ = try await bench.entry("a") { ($0["next_start"]?.number ?? due) < 1e9 && $0["runs"] == 0 }
            try clock.set(Int(due) - time(nil) + 30 * Self.day)
            let entry = try await bench.entry("a") { $0["runs"] == 1 && $0["next_start"] != nil }
            #expect(try #require(entry["next_start"]?.number) > due)
        }
    }

    // MARK: Time zones

    @Test(arguments: [-3_500, -1_900, -10, 10]) func `in the repeated hour a minute lasts a minute`(
        change: Int
    ) async throws {
        // Clocks go back by an hour in `change` seconds. TZ takes the day of a 365-day year and the summer time.
        var moment = time(nil) + change + 3_600
        var fields = tm()
        gmtime_r(&moment, &fields)
        let isLeapDay = fields.tm_mon == 1 && fields.tm_mday == 29
        guard !isLeapDay else { return }
        let isLeapYear = (Int(fields.tm_year) % 4 == 0) && fields.tm_mon > 1
        let day = Int(fields.tm_yday) + 1 - (isLeapYear ? 1 : 0)
        let zone = "STD0DST-1,J\(day == 1 ? 2 : 1)/0,J\(day)/\(fields.tm_hour):\(fields.tm_min):\(fields.tm_sec)"
        try await withAgent(.init(wrapper: ["/usr/bin/env", "TZ=\(zone)"])) { bench in
            _ = try await bench.method(.startProcess(.testChild("--exit 0", name: "a").with("schedule", "* * * * *")))
            for _ in 0..<3 {
                // When a run ends in that hour, the next start is computed.
                #expect(try await bench.reset("a") != nil)
                let entry = try await bench.entry("a") { $0["next_start"] != nil }
                let next = try #require(entry["next_start"]?.number)
                #expect(next > now - 10 && next <= now + 60, "\(zone)")
            }
            // Each reset is a run, and at most one scheduled run was due in the meantime.
            #expect(try #require(try await bench.entry("a")["runs"]?.integer) <= 4)
        }
    }

    @Test func `a changed time zone is used from SIGHUP on`() async throws {
        let folder = try TemporaryFolder()
        func install(_ zone: String) throws {
            unlink("\(folder.path)/zone")
            guard symlink("/usr/share/zoneinfo/\(zone)", "\(folder.path)/zone") == 0 else {
                throw TestError.system(zone)
            }
        }
        try install("UTC")
        try await withAgent(.init(wrapper: ["/usr/bin/env", "TZ=:\(folder.path)/zone"])) { bench in
            _ = try await bench.method(.startProcess(.command("x", name: "a").with("schedule", "0 12 * * *")))
            let next = try #require(try await bench.entry("a")["next_start"]?.integer)
            #expect(next % Self.day == 43_200)
            try install("Asia/Kathmandu")
            bench.agent.signal(SIGHUP)
            let offset = 5 * 3_600 + 45 * 60
            let entry = try await bench.entry("a") { ($0["next_start"]?.integer ?? next) != next }
            #expect(try #require(entry["next_start"]?.integer) % Self.day == 43_200 - offset)
        }
    }
}
