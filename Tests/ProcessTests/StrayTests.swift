import Glibc
import TestSupport
import Testing

/// Processes that can't be ended, and strays: they are reported, adopted by the next agent, and never started twice.
@Suite(.serialized, .enabled(if: geteuid() == 0)) struct StrayTests {
    /// An agent that is not root and has no cgroups can't signal a process that becomes root, such as su(1).
    private static let powerless = AgentPlace(means: .mark, user: 54_321)

    @Test func `an error claims SIGKILL only if it was sent`() async throws {
        try await Self.powerless.withAgent { bench in
            let pid = try await startRoot(on: bench)
            let result = try await bench.method(.killProcess("a"))
            let text = "\(result)"
            #expect(text.contains("no permission to signal \(pid) (copy)") && !text.contains("SIGKILL"), "\(text)")
            try await bench.health("bad", "process a can't be ended: no permission to signal \(pid)")
            // When the process has ended, its state is correct again.
            SystemProcess(pid).kill()
            try await bench.state("exited", of: "a")
            try await bench.health("good")
        }
    }

    @Test func `an agent reports a process that it can't end, and the next agent adopts it`() async throws {
        try await Self.powerless.withAgent { bench in
            let pid = try await startRoot(on: bench, ",\"persist\":true")
            let status = try await bench.agent.stop()
            #expect(status == 0 && SystemProcess(pid).exists)
            #expect(bench.agent.log.contains("ends, and leaves behind: process a (pid \(pid))"))
            #expect(bench.agent.folder.read("state/journal").contains("\"pid\":\(pid)"))
            try await bench.health("bad", "the agent has ended, and has left behind: process a (pid \(pid))")
            try await bench.startAgentAgain()
            let entry = try await bench.entry("a")
            #expect(entry["pid"]?.integer == pid && entry["state"] == "running" && entry["restarts"] == 0)
            #expect(bench.agent.folder.read("pids").split(separator: "\n").count == 1, "a copy was started")
            try await bench.health("good")
            SystemProcess(pid).kill()
            try await bench.state("exited", of: "a")
        }
    }

    /// Starts a process `a` that becomes root.
    ///
    /// - Returns: its pid.
    private func startRoot(on bench: AgentBench, _ more: String = "") async throws -> Int {
        let folder = bench.agent.folder.path
        let copy = try Escape(way: .becomesOwner, place: Self.powerless).copy(in: folder, mode: 0o4755)
        let command = "\(copy) --pid-file \(folder)/pids --become-owner --ready-line up"
        let pid = try await bench.start(
            config:
                #"{"name":"a","command":"\#(command)","ready":{"log_line":"up"},"restart":{"policy":"never"}\#(more)}"#)
        try await bench.state("running", of: "a")
        return pid
    }

    /// Starts a process that leaves its cgroup, mark, session, log pipes and parent.
    private func startStray(on bench: AgentBench, _ place: AgentPlace) async throws -> SystemProcess {
        let folder = bench.agent.folder.path
        let cgroup = place.means == .cgroup ? "--cgroup \(place.cgroup)/stray" : ""
        let options = "--pid-file \(folder)/stray --limit-locks --limit-rttime \(cgroup) --ready-line up"
        let script =
            "setsid \(try Binaries.testChild) \(options) >\(folder)/up 2>/dev/null & "
            + "while ! [ -s \(folder)/up ]; do sleep 0.01; done; exec sleep 1000"
        // Its parent ends, so that the keeper becomes its parent.
        _ = try await bench.start(.shell("sh -c '\(script)' & sleep 0.01; exec sleep 1000", name: "a"))
        try await eventually("the stray") { bench.agent.folder.read("up") != "" }
        let pid = try #require(bench.agent.folder.read("stray").split(separator: "\n").first.flatMap { Int($0) })
        let stray = SystemProcess(pid)
        let between = try #require(stray.parent)
        SystemProcess(between).kill()
        try await eventually("an orphan") { stray.parent == bench.agent.pid }
        return stray
    }

    @Test(arguments: AgentPlace.places(of: "stray"))
    func `a stray is reported, and ends with the agent`(place: AgentPlace) async throws {
        try await place.withAgent(configuration: #"{"stop_grace":0.3,"health_interval":0.3}"#) { bench in
            let stray = try await startStray(on: bench, place)
            try await bench.health("bad", "no process of the agent is known to have started \(stray.pid) (test-child)")
            #expect(bench.agent.log.contains("known to have started \(stray.pid) (test-child)"))
            try await bench.crashWorker()
            try await bench.health("bad", "known to have started \(stray.pid) (test-child)")
            let status = try await bench.agent.stop()
            #expect(status == 0 && stray.isGone)
            #expect(!bench.agent.log.contains("leaves behind"))
        }
    }

    /// The chain has no mark, and each of its processes ends before it can be reported.
    @Test func `a stray that keeps replacing itself ends with the agent, or is reported`() async throws {
        try await Self.powerless.withAgent(configuration: #"{"stop_grace":0.3,"health_interval":0.3}"#) { bench in
            let (script, end) = ("\(bench.agent.folder.path)/churn", "\(bench.agent.folder.path)/end")
            try bench.agent.folder.write(
                "sleep 0.05; [ -e \(end) ] || setsid sh $0 </dev/null >/dev/null 2>&1 &\n", to: "churn")
            for path in [bench.agent.folder.path, script] { chmod(path, 0o777) }
            let chain = "prlimit --locks=1000:1000 sh \(script); exec sleep 1000"
            _ = try await bench.start(.shell(chain, name: "a"))
            func members() -> [SystemProcess] { SystemProcess.all.filter { $0.arguments.contains(script) } }
            try await eventually("the chain") { !members().isEmpty }
            try await bench.health("bad", "no process of the agent is known to have started")
            let status = try await bench.agent.stop()
            try await eventually("its end, or a report") {
                let isGone = (0..<20).allSatisfy { _ in members().isEmpty }
                return isGone != bench.agent.log.contains("ends, and leaves behind")
            }
            #expect((status == 0) == members().isEmpty)
            try bench.agent.folder.write("", to: "end")
            try await eventually("the chain's end") { (0..<20).allSatisfy { _ in members().isEmpty } }
        }
    }

    @Test func `a stray that ends by itself is no longer reported`() async throws {
        let place = AgentPlace(means: .mark, user: 0)
        try await place.withAgent(configuration: #"{"stop_grace":0.3,"health_interval":0.3}"#) { bench in
            let stray = try await startStray(on: bench, place)
            try await bench.health("bad", "known to have started \(stray.pid)")
            stray.kill()
            try await bench.health("good")
        }
    }

    @Test(arguments: [
        ["/usr/bin/prlimit", "--rttime=1000000000:1000000000"], ["/usr/bin/prlimit", "--locks=1000:1000"],
    ])
    func `an agent that was started with a limit finds its trees`(prefix: [String]) async throws {
        var place = Self.powerless
        place.prefix = prefix
        try await place.withAgent { bench in
            #expect(bench.agent.log.contains("can't mark") == prefix[1].contains("locks"), "\(bench.agent.log)")
            let escape = Escape(way: .limits, place: place)
            for family in ["--fork 2", "--setsid-grandchild", "--runaway 2 --limit-rttime"] {
                let command = "\(try Binaries.testChild) --pid-file \(bench.agent.folder.path)/pids \(family)"
                _ = try await bench.start(.command("\(command) --ready-line up", name: "a").ready(line: "up"))
                try await bench.state("running", of: "a")
                try await bench.kill("a")
                let left = escape.members(bench).filter { !$0.isGone }
                #expect(left.isEmpty, "\(family)")
            }
        }
    }

    /// As in a node: the launch numbers of its agent must stay below the node's own mark.
    @Test func `an agent that has a mark itself can mark its processes`() async throws {
        var place = Self.powerless
        let own = (UInt64(1) << 62) + 1_000
        place.prefix = ["/usr/bin/prlimit", "--locks=\(own):\(own)"]
        try await place.withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            let limit = SystemProcess(pid).softLimit("Max file locks").flatMap { UInt64($0) }
            #expect(try #require(limit) < own)
        }
    }

    @Test func `processes that others put into a cgroup do not delay a restart`() async throws {
        let place = AgentPlace(means: .cgroup, user: 0, suite: "stray")
        try await place.withAgent { bench in
            let pid = try await bench.start(.sleep("victim").restart("always", delay: 0))
            let line = SystemProcess(pid).cgroups.split(separator: "\n").first { $0.hasPrefix("0::") }
            let cgroup = "/sys/fs/cgroup/unified\(try #require(line).dropFirst(3))"
            let child = "sh -c 'echo $$ >\(cgroup)/cgroup.procs && exec sleep 0.5' &"
            let intruder = "while :; do (\(child)); sleep 0.02; done"
            _ = try await bench.start(.shell(intruder, name: "intruder"))
            try await eventually("intruders") {
                TemporaryFolder.text(of: "\(cgroup)/cgroup.procs").split(separator: "\n").count > 5
            }
            SystemProcess(pid).kill()
            try await eventually("the restart") {
                let entry = try await bench.entry("victim")
                return entry["state"] == "running" && entry["restarts"] == 1
            }
            #expect(try await bench.entry("intruder")["state"] == "running")
            for id in ["victim", "intruder"] { try await bench.kill(id) }
            try await bench.health("good")
        }
    }

    @Test func `a forged mark does not delay the restart of another process`() async throws {
        let place = AgentPlace(means: .mark, user: 0)
        try await place.withAgent { bench in
            let pid = try await bench.start(.sleep("victim").restart("always", delay: 0))
            let mark = try #require(SystemProcess(pid).softLimit("Max file locks"))
            // Orphans with sessions of their own, started faster than they end.
            let forger = "while :; do (setsid prlimit --locks=\(mark):\(mark) sleep 0.5 &); sleep 0.02; done"
            _ = try await bench.start(.shell(forger, name: "forger"))
            try await eventually("forged marks") {
                SystemProcess.all.count {
                    $0.arguments.first == "sleep" && $0.softLimit("Max file locks") == mark && $0.pid != pid
                } > 5
            }
            SystemProcess(pid).kill()
            try await eventually("the restart") {
                let entry = try await bench.entry("victim")
                return entry["state"] == "running" && entry["restarts"] == 1
            }
            #expect(try await bench.entry("forger")["state"] == "running")
            try await bench.kill("victim")
        }
    }
}
