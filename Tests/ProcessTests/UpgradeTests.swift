import Glibc
import TestSupport
import Testing

/// Upgrades of a running agent: keeper and worker are executed anew, and every process lives on.
@Suite(.serialized) struct UpgradeTests {
    @Test(arguments: AgentBench.UpgradeRequest.allCases) func `processes, logs, pipes and waits survive upgrades`(
        by request: AgentBench.UpgradeRequest
    ) async throws {
        try await withAgent { bench in
            let child = try Binaries.testChild
            for index in 1...3 {
                let words = #"["\#(child)","--flood","30000","--lines-per-second","6000","--exit","7"]"#
                _ = try await bench.start(
                    config: #"{"name":"flood\#(index)","command":\#(words),"log":{"max_size":65536,"files":100}}"#)
            }
            // `cat` ends when its stdin does.
            _ = try await bench.start(.command("cat", name: "input").with("stdin", ["open": true]))
            _ = try await bench.start(
                .sleep("limited").with("limits", ["open_files": 77, "memory": "64M"]))
            try await bench.send(.startProcess(.shell("exit 3", name: "restarts").restart("always", delay: 3_000)))
            try await bench.entry("restarts") { $0["exit_code"] == 3 && $0["state"] != "running" }
            let stubborn = ProcessConfig.command(
                [child, "--ignore-term", "--ready-line", "up"], name: "stubborn"
            ).with("stop", ["grace": 3_000])
            _ = try await bench.start(stubborn)
            try await bench.written("up", by: "stubborn")
            try await bench.send(.killProcess("stubborn"))
            try await bench.state("stopping", of: "stubborn")
            let before = try await bench.pids()
            let limited = SystemProcess(try #require(before["limited"]))
            let (group, limit, data) = (limited.cgroups, limited.openFileLimit, limited.softLimit("Max data size"))
            let maximum = Self.memoryLimit(of: limited)
            for _ in 1...4 { try await bench.upgrade(by: request) }

            let entries = try await bench.entries()
            for id in ["input", "limited", "stubborn"] { #expect(entries[id]?["pid"]?.integer == before[id], "\(id)") }
            #expect(entries.values.allSatisfy { $0["restarts"] == 0 })
            #expect(limited.cgroups == group && limited.openFileLimit == limit && limit == 77)
            #expect(limited.softLimit("Max data size") == data)
            #expect(Self.memoryLimit(of: limited) == maximum)
            #expect(entries["stubborn"]?["state"] == "stopping")
            #expect(entries["restarts"]?["exit_code"] == 3 && entries["restarts"]?["state"] != "running")
            for index in 1...3 {
                let entry = try await bench.state("exited", of: "flood\(index)")
                #expect(entry["exit_code"] == 7)
                bench.expectCounted(by: "flood\(index)", to: 30_000)
            }
            let input = SystemProcess(try #require(before["input"]))
            try await eventually("cat to wait for its stdin") { input.state == "S" }
            // The end of the agent would wait for its grace period.
            kill(pid_t(try #require(before["stubborn"])), SIGKILL)
            try await bench.state("exited", of: "stubborn")
        }
    }

    /// What the kernel enforces; empty where processes have no cgroups of their own.
    private static func memoryLimit(of process: SystemProcess) -> String {
        let path =
            process.cgroups.split(separator: "\n").compactMap { line in
                line.hasPrefix("0::") ? String(line.dropFirst(3)) : nil
            }.first ?? ""
        return TemporaryFolder.text(of: "/sys/fs/cgroup\(path)/memory.max")
    }

    @Test func `processes that end in the very moment keep their exit codes`() async throws {
        try await withAgent { bench in
            for round in 1...5 {
                let ids = (0..<40).map { "p\(round)-\($0)" }
                for (index, id) in ids.enumerated() {
                    // They end one after the other while the programs are replaced.
                    let delay = Double(index) * 0.01
                    _ = try await bench.start(.shell("sleep \(delay); exit \(100 + index)", name: id))
                }
                try await bench.upgrade(by: .signal)
                for (index, id) in ids.enumerated() {
                    let entry = try await bench.state("exited", of: id)
                    #expect(entry["exit_code"]?.integer == 100 + index && entry["restarts"] == 0, "\(id)")
                }
            }
            let zombies = SystemProcess(bench.agent.pid).children.filter { $0.state == "Z" }
            #expect(zombies.isEmpty && bench.agent.descendants.isEmpty)
        }
    }

    @Test func `in a flood of requests none is lost or doubled`() async throws {
        try await withAgent { bench in
            let begun = "\(bench.agent.folder.path)/begun"
            var load = RetryingLoad(begun: begun)
            for _ in 1...5 {
                try await load.send(200, to: bench)
                try await bench.upgrade()
                try await load.finish(bench.topic("control"), bench.client)
            }
            let pids = try await bench.expectConsistent(begun: begun)
            #expect(pids == load.started && !load.stopped.isEmpty)
            for id in load.stopped { #expect(pids[id] == nil, "\(id)") }
        }
    }

    @Test func `requests under way are answered before the worker ends`() async throws {
        try await withAgent { bench in
            let child = try Binaries.testChild
            _ = try await bench.start(
                .command([child, "--ignore-term", "--ready-line", "up"], name: "a").with("stop", ["grace": 1]))
            try await bench.written("up", by: "a")
            let answer = try await bench.inbox(of: .killProcess("a"))
            try await bench.state("stopping", of: "a")
            try await bench.upgrade()
            #expect(try await answer()["result"]?["status"] == "success")
        }
    }

    @Test func `nothing is left of signals that come in a row, of a kill right after, or of an end`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            for _ in 1...30 { bench.agent.signal(SIGUSR2) }
            try await eventually("an upgrade") { bench.handOvers > 0 }
            for _ in 1...3 {
                let worker = bench.agent.worker
                bench.agent.signal(SIGUSR2)
                try await eventually("the next worker") { bench.agent.worker.map { $0 != worker } ?? false }
                bench.agent.worker?.kill()
                let (code, output) = try await bench.runUpgrade()
                #expect(code == 0, "\(output)")
            }
            try await bench.isOnline()
            #expect(try await bench.pids() == ["a": pid])
            bench.agent.signal(SIGUSR2)
            bench.agent.signal(SIGTERM)
            #expect(try await bench.agent.ended() == 0)
            #expect(!SystemProcess(pid).exists)
        }
    }

    @Test func `upgrades leave no descriptor, and change neither signals nor limits`() async throws {
        try await withAgent { bench in
            let keeper = SystemProcess(bench.agent.pid)
            let first = SystemProcess(try await bench.start(.sleep("a")))
            func facts() -> [String?] {
                ["SigBlk", "SigIgn", "SigCgt", "NoNewPrivs", "Seccomp", "CapEff", "PPid"].map(keeper.status)
                    + [keeper.softLimit("Max open files"), bench.agent.worker?.softLimit("Max open files")]
            }
            try await bench.upgrade()
            let (before, descriptors) = (facts(), keeper.descriptors.count)
            let worker = bench.agent.worker?.descriptors.count ?? 0
            for _ in 1...5 { try await bench.upgrade() }
            #expect(facts() == before)
            #expect(keeper.descriptors.count == descriptors, "\(keeper.descriptors)")
            try await eventually("no descriptor more") { bench.agent.worker?.descriptors.count ?? .max <= worker }
            let second = SystemProcess(try await bench.start(.sleep("b")))
            #expect(first.openFileLimit == second.openFileLimit && second.parent == keeper.pid)
            // Still a subreaper: an orphan becomes its child, and ends with its tree.
            _ = try await bench.start(.shell("sleep 1000 & exec sleep 1000", name: "c"))
            #expect(second.environment.isDisjoint(with: ["PM_KEEPER_TABLE"]))
            #expect(keeper.children.count { $0.arguments == ["pm-pipes"] } == 1)
        }
    }

    @Test func `after an upgrade the pipe holder has the pipes`() async throws {
        try await withAgent { bench in
            let child = try Binaries.testChild
            let words = #"["\#(child)","--flood","30000","--lines-per-second","5000","--exit","0"]"#
            _ = try await bench.start(config: #"{"name":"a","command":\#(words)}"#)
            try await bench.upgrade()
            bench.agent.kill()
            try await bench.startAgentAgain()
            try await bench.state("exited", of: "a")
            bench.expectCounted(by: "a", to: 30_000)
        }
    }

    @Test func `a process that has ended before an upgrade still has its exit code for the next worker`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.shell("exit 9", name: "a"))
            try await bench.state("exited", of: "a")
            try await bench.upgrade()
            #expect(try await bench.entry("a")["exit_code"] == 9)
            let status = try await bench.ask(.queryProcessStatus(pid: pid))["query_process_status"]
            #expect(status?["running"] == false && status?["exit_code"] == 9)
        }
    }

    @Test func `without an agent --upgrade ends with 3`() async throws {
        try await withAgent { bench in
            let folder = try TemporaryFolder()
            let other = try await bench.runUpgrade(of: folder.path)
            #expect(other.code == 3 && other.output.contains("no agent runs"), "\(other.output)")
            try await bench.agent.stop()
            let own = try await bench.runUpgrade()
            #expect(own.code == 3, "\(own.output)")
        }
    }

    @Test func `a node is upgraded by a signal, and keeps its processes`() async throws {
        try await withAgent { bench in
            let node = SystemProcess(try await bench.start(.node("n1")))
            let watcher = try await bench.watcher(of: "pm/n1/status")
            _ = try await watcher.next { $0.text == "online" }
            func running() -> JSONValue? { try? JSONValue(bench.agent.folder.read("state/nodes/n1/running")) }
            let worker = running()?["worker"]
            let signal = Request.call("signal_process", ["process_id": "n1", "signal": "USR2"])
            #expect(try await bench.method(signal)["status"] == "success")
            try await eventually("the node's upgrade") {
                running()?["hand_overs"] == 1 && running()?["worker"] != worker
            }
            _ = try await watcher.next { $0.text == "online" }
            try await bench.upgrade()
            let entry = try await bench.entry("n1")
            #expect(entry["pid"]?.integer == node.pid && entry["restarts"] == 0)
        }
    }
}
