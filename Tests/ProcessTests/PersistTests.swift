import Glibc
import TestSupport
import Testing

/// `persist`: processes that start with the agent.
@Suite(.serialized) struct PersistTests {
    @Test func `only a persistent process starts with the agent`() async throws {
        try await withAgent { bench in
            let first = try await bench.start(.sleep("a").persist().env(["A": "b"]))
            let other = try await bench.start(.sleep("b"))
            try await bench.restartAgent()
            #expect(!SystemProcess(first).exists && !SystemProcess(other).exists)
            let entry = try await bench.state("running", of: "a")
            let pid = try #require(entry["pid"]?.integer)
            #expect(pid != first && SystemProcess(pid).environment.contains("A=b"))
            #expect(bench.agent.descendants.map(\.pid) == [pid])
            // An agent that ended in order leaves no other process records.
            #expect(try await bench.method("get_processes")["process"]?.array?.count == 1)
        }
    }

    @Test func `a stopped process stays stopped, and a removed one is gone`() async throws {
        try await withAgent { bench in
            for name in ["a", "b", "c"] {
                _ = try await bench.start(.sleep(name).persist())
            }
            try await bench.kill("a")
            try await bench.kill("b")
            _ = try await bench.method(.removeProcess("b"))
            try await bench.restartAgent()
            try await bench.state("running", of: "c")
            let entry = try await bench.entry("a")
            #expect(entry["state"] == "exited" && entry["want"] == "down")
            let ids = try await bench.method("get_processes")["process"]?.array?.compactMap { $0["process_id"]?.string }
            #expect(ids == ["a", "c"])
            // After a reset, it starts with the next agent.
            #expect(try await bench.reset("a") != nil)
            try await bench.restartAgent()
            try await bench.state("running", of: "a")
        }
    }

    @Test func `a process that ended by itself starts again with the next agent`() async throws {
        try await withAgent { bench in
            let script = "echo x >>\(bench.agent.folder.path)/begun; exit 3"
            _ = try await bench.start(.shell(script, name: "a").persist())
            try await bench.state("exited", of: "a")
            try await bench.restartAgent()
            try await eventually("the second start") { bench.agent.folder.read("begun") == "x\nx\n" }
            let entry = try await bench.entry("a") { $0["state"] == "exited" }
            #expect(entry["exit_code"] == 3 && entry["restarts"] == 0)
        }
    }

    @Test func `an agent that is killed while it ends does not change what is wanted`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("a").persist())
            let child = try Binaries.testChild
            let pid = try await bench.start(.command([child, "--ignore-term", "--ready-line", "up"], name: "b"))
            try await bench.written("up", by: "b")
            bench.agent.signal(SIGTERM)
            try await bench.state("exited", of: "a")
            bench.agent.kill()
            try await bench.startAgentAgain()
            try await bench.state("running", of: "a")
            #expect(bench.agent.folder.read("state/processes/a.json").contains(#""want":"up""#))
            kill(pid_t(pid), SIGKILL)
        }
    }

    @Test func `a removed process stays removed if its file was not removed in time`() async throws {
        try await withAgent { bench in
            let file = "state/processes/a.json"
            _ = try await bench.start(.sleep("a").persist())
            try await eventually("the file") { !bench.agent.folder.read(file).isEmpty }
            let stored = bench.agent.folder.read(file)
            try await bench.kill("a")
            _ = try await bench.method(.removeProcess("a"))
            try await eventually("its end") { bench.agent.folder.read(file).isEmpty }
            bench.agent.kill()
            try bench.agent.folder.write(stored, to: file)
            try await bench.startAgentAgain()
            #expect(try await bench.entries().isEmpty)
            try await eventually("its end") { bench.agent.folder.read(file).isEmpty }
        }
    }

    @Test func `schedules and dependencies are restored`() async throws {
        try await withAgent { bench in
            _ = try await bench.method(
                .startProcess(.command("sleep 1", name: "s").with("schedule", "0 0 29 2 *").persist()))
            let next = try await bench.entry("s")["next_start"]
            // Named so that the dependency comes last.
            _ = try await bench.start(.sleep("z").persist())
            _ = try await bench.start(.sleep("a").dependsOn("z").persist())
            try await bench.restartAgent()
            for name in ["a", "z"] { try await bench.state("running", of: name) }
            #expect(try await bench.entry("s")["next_start"] == next)
        }
    }

    @Test func `the latest config of a name is used`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("a").persist())
            try await bench.kill("a")
            _ = try await bench.start(.command("sleep 2000", name: "a").persist())
            try await bench.restartAgent()
            #expect(try await bench.state("running", of: "a")["command"] == "sleep 2000")
            try await bench.kill("a")
            _ = try await bench.start(.command("sleep 3000", name: "a"))
            try await bench.restartAgent()
            #expect(try await bench.method("get_processes")["process"] == [])
            #expect(bench.agent.descendants.isEmpty)
        }
    }
}
