import Glibc
import TestSupport
import Testing

/// `processes.d`: the host's own specs, at the start and at SIGHUP.
@Suite(.serialized) struct SpecDirectoryTests {
    /// Restarts the agent with files in its `processes.d`.
    private func withFiles(
        _ files: [String: String], _ body: (AgentBench) async throws -> Void
    ) async throws {
        try await withAgent { bench in
            try await bench.agent.stop()
            #expect(mkdir("\(bench.agent.stateDirectory)/processes.d", 0o700) == 0)
            for (name, text) in files { try write(text, to: name, bench) }
            try bench.agent.start()
            try await bench.isOnline()
            try await body(bench)
        }
    }

    private func write(_ text: String, to name: String, _ bench: AgentBench) throws {
        try bench.agent.folder.write(text, to: "state/processes.d/\(name)")
    }

    private func remove(_ name: String, _ bench: AgentBench) {
        unlink("\(bench.agent.stateDirectory)/processes.d/\(name)")
    }

    private func pid(_ id: String, _ bench: AgentBench) async throws -> Int {
        try #require(try await bench.state("running", of: id)["pid"]?.integer)
    }

    @Test func `a file has one config, an array, or an object with many`() async throws {
        let files = [
            "web.json": #"{"command":"sleep 1000"}"#, "named.json": #"{"name":"a","command":"sleep 1000"}"#,
            "list.json": #"[{"name":"b","command":"sleep 1000"},{"name":"c","command":"sleep 1000"}]"#,
            "object.json": #"{"processes":[{"name":"d","command":"sleep 1000"}]}"#,
            "readme.txt": "not looked at",
        ]
        try await withFiles(files) { bench in
            for id in ["web", "a", "b", "c", "d"] { _ = try await pid(id, bench) }
            #expect(try await bench.method("get_processes")["process"]?.array?.count == 5)
            try await bench.health([])
        }
    }

    @Test func `SIGHUP starts new processes, resets changed ones, removes missing ones, and leaves others`()
        async throws
    {
        let files = ["a", "b", "c"].map { ("\($0).json", #"{"command":"sleep 1000"}"#) }
        try await withFiles(Dictionary(uniqueKeysWithValues: files)) { bench in
            let first = try await pid("a", bench), changed = try await pid("b", bench)
            let gone = try await pid("c", bench)
            let requested = try await bench.start(.sleep("r"))
            try write(#"{"command":"sleep 2000"}"#, to: "b.json", bench)
            remove("c.json", bench)
            try write(#"{"command":"sleep 1000"}"#, to: "d.json", bench)
            let watcher = try await bench.watcher(of: bench.topic("process/c"))
            bench.agent.signal(SIGHUP)
            _ = try await watcher.next { $0.payload.isEmpty }
            _ = try await pid("d", bench)
            let entry = try await bench.entry("b") { $0["command"] == "sleep 2000" && $0["state"] == "running" }
            #expect(entry["pid"]?.integer != changed && !SystemProcess(gone).exists)
            #expect(try await pid("a", bench) == first)
            #expect(try await pid("r", bench) == requested)
        }
    }

    @Test func `with an unreadable file nothing is removed, and health has a reason`() async throws {
        try await withFiles(["a.json": #"{"command":"sleep 1000"}"#, "b.json": #"{"command":"sleep 1000"}"#]) { bench in
            let first = try await pid("a", bench), second = try await pid("b", bench)
            try write("{", to: "a.json", bench)
            try write(#"{"command":"sleep 1000"}"#, to: "c.json", bench)
            bench.agent.signal(SIGHUP)
            _ = try await pid("c", bench)
            let watcher = try await bench.watcher(of: bench.topic("health"))
            let bad = try await watcher.next { (try? $0.value)?["health"] == "bad" }.value
            let path = "\(bench.agent.stateDirectory)/processes.d/a.json"
            #expect(bad["reasons"]?.array?.first?.string?.hasPrefix("\(path) is not used: ") == true)
            #expect(try await pid("a", bench) == first)
            #expect(try await pid("b", bench) == second)
            try write(#"{"command":"sleep 1000"}"#, to: "a.json", bench)
            bench.agent.signal(SIGHUP)
            try await bench.health([])
            #expect(try await pid("a", bench) == first)
        }
    }

    @Test func `a process that can't be started is a health reason`() async throws {
        try await withFiles(["a.json": #"{"command":"/no/such"}"#, "b.json": #"{"command":"sleep 1000"}"#]) { bench in
            _ = try await pid("b", bench)
            let directory = "\(bench.agent.stateDirectory)/processes.d"
            try await bench.health(["process a of \(directory): program /no/such: no such file or directory"])
        }
    }

    @Test func `a process that was started by a request is left alone`() async throws {
        try await withFiles([:]) { bench in
            let requested = try await bench.start(.sleep("a"))
            try write(#"{"command":"sleep 2000"}"#, to: "a.json", bench)
            bench.agent.signal(SIGHUP)
            let directory = "\(bench.agent.stateDirectory)/processes.d"
            try await bench.health(["process a of \(directory): a was started by a request"])
            #expect(try await pid("a", bench) == requested)
        }
    }

    @Test func `files may depend on each other in any order of their names`() async throws {
        let files = [
            "a.json": #"{"command":"sleep 1000","depends_on":["z"]}"#, "z.json": #"{"command":"sleep 1000"}"#,
        ]
        try await withFiles(files) { bench in
            for id in ["a", "z"] { _ = try await pid(id, bench) }
            try await bench.health([])
        }
    }

    /// Changes a file while its process, which only SIGKILL ends, is still stopping.
    private func whileItStops(_ body: (AgentBench, _ stubborn: SystemProcess) async throws -> Void) async throws {
        let child = try Binaries.testChild
        let stubborn =
            #"{"command":["\#(child)","--ignore-term","--ready-line","up"],"ready":{"log_line":"up"},"stop":{"grace":3600}}"#
        try await withFiles(["a.json": stubborn]) { bench in
            let stubborn = SystemProcess(try await pid("a", bench))
            try write(#"{"command":"sleep 2000"}"#, to: "a.json", bench)
            bench.agent.signal(SIGHUP)
            try await bench.state("stopping", of: "a")
            try await body(bench, stubborn)
        }
    }

    @Test func `after two SIGHUPs in a row, the later files are applied`() async throws {
        try await whileItStops { bench, stubborn in
            try write(#"{"command":"sleep 3000"}"#, to: "a.json", bench)
            bench.agent.signal(SIGHUP)
            try await eventually("the second reading") {
                bench.agent.log.split(separator: "read the configuration again").count == 3
            }
            stubborn.kill()
            _ = try await bench.entry("a") { $0["command"] == "sleep 3000" && $0["state"] == "running" }
            try await bench.health([])
        }
    }

    @Test func `if a worker dies while files are applied, the next worker applies the rest`() async throws {
        try await whileItStops { bench, stubborn in
            try await bench.crashWorker()
            stubborn.kill()
            _ = try await bench.entry("a") { $0["command"] == "sleep 2000" && $0["state"] == "running" }
            try await bench.health([])
        }
    }

    /// As when there are no descriptors left for it, or the file system fails.
    @Test func `a directory that can't be read removes nothing, and health says so`() async throws {
        try await withFiles(["a.json": #"{"command":"sleep 1000"}"#]) { bench in
            let pid = try await pid("a", bench)
            let directory = "\(bench.agent.stateDirectory)/processes.d"
            rename(directory, directory + ".away")
            try bench.agent.folder.write("", to: "state/processes.d")
            for isRestart in [false, true] {
                if isRestart {
                    bench.agent.kill()
                    try await bench.startAgentAgain()
                } else {
                    bench.agent.signal(SIGHUP)
                }
                try await bench.health("bad", "processes.d/ is not used: not a directory")
                let present = try await self.pid("a", bench)
                #expect(present == pid)
            }
            unlink(directory)
            rename(directory + ".away", directory)
            bench.agent.signal(SIGHUP)
            try await bench.health("good")
        }
    }

    @Test func `what an apply changes of a process lasts until its file is read again`() async throws {
        try await withFiles(["a.json": #"{"command":"sleep 1000"}"#]) { bench in
            let first = try await pid("a", bench)
            let list = #"{"processes":[{"name":"a","command":"sleep 2000"}]}"#
            let result = try await bench.method("apply", list)
            #expect(result["reset"] == ["a"])
            let second = try await pid("a", bench)
            #expect(second != first && SystemProcess(second).arguments == ["sleep", "2000"])
            bench.agent.signal(SIGHUP)
            try await eventually("its file's command") {
                bench.agent.descendants.contains { $0.arguments == ["sleep", "1000"] }
            }
            try await bench.health("good")
        }
    }
}
