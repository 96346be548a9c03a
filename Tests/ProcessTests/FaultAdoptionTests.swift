import Glibc
import TestSupport
import Testing

/// The keeper dies, alone or with its worker: the next agent with that state directory adopts the processes.
@Suite(.serialized) struct FaultAdoptionTests {
    @Test func `without its keeper the worker dies, and its processes live on`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            let worker = try #require(bench.agent.worker)
            SystemProcess(bench.agent.pid).kill()
            let watcher = try await bench.watcher(of: bench.topic("status"))
            _ = try await watcher.next { $0.text == "offline" }
            try await eventually("the worker's end") { worker.hasEnded }
            #expect(SystemProcess(pid).exists)
            try await bench.startAgentAgain()
            let entry = try await bench.entry("a")
            #expect(entry["pid"]?.integer == pid && entry["state"] == "running" && entry["restarts"] == 0)
            try await bench.expectMethod(
                .killProcess("a"),
                ["status": "success", "message": "process kill successfully"])
            #expect(SystemProcess(pid).hasEnded)
        }
    }

    @Test func `a living process is adopted, an ended one is restarted by its policy`() async throws {
        try await withAgent { bench in
            for id in ["lives", "ends", "returns"] {
                let restart = #""restart":{"policy":"\#(id == "returns" ? "always" : "never")","delay":0}"#
                _ = try await bench.start(.sleep(id).raw(restart))
            }
            let before = try await bench.pids()
            bench.agent.kill()
            for id in ["ends", "returns"] {
                let pid = try #require(before[id])
                kill(pid_t(pid), SIGKILL)
                try await eventually("the end of \(id)") { SystemProcess(pid).hasEnded }
            }
            try await bench.startAgentAgain()
            try await bench.state("running", of: "returns")
            let entries = try await bench.entries()
            #expect(entries["lives"]?["pid"]?.integer == before["lives"])
            #expect(entries["returns"]?["restarts"] == 1 && entries["returns"]?["pid"]?.integer != before["returns"])
            #expect(entries["ends"]?["state"] == "exited" && entries["ends"]?["exit_code"] == nil, "no exit status")
            #expect(Set(bench.agent.descendants.map(\.pid)) == Set(try await bench.pids().values))
        }
    }

    @Test(arguments: [("exit 42", 0), ("exec sleep 1000", SIGUSR1)]) func `the end of an adopted process is reported`(
        script: String, signal: Int32
    ) async throws {
        try await withAgent { bench in
            let go = "\(bench.agent.folder.path)/go"
            #expect(mkfifo(go, 0o600) == 0)
            let wait = signal == 0 ? "read _ < \(go); " : ""
            let pid = try await bench.start(.shell("\(wait)\(script)", name: "a").with("restart", ["policy": "never"]))
            bench.agent.kill()
            try await bench.startAgentAgain()
            if signal == 0 { try bench.agent.folder.write("\n", to: "go") } else { kill(pid_t(pid), signal) }
            let entry = try await bench.state("exited", of: "a")
            let code = signal == 0 ? 42 : 128 + Int(signal)
            // Before Linux 6.15 the kernel tells an exit status to the parent only.
            #expect(entry["exit_code"]?.integer == code || entry["exit_code"] == nil && !Self.kernelTells)
        }
    }

    private static var kernelTells: Bool {
        var name = utsname()
        uname(&name)
        let release = withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = release.split { !$0.isNumber }.compactMap { Int($0) }
        return numbers.count > 1 && (numbers[0], numbers[1]) >= (6, 15)
    }

    @Test func `the log of an adopted process is continued`() async throws {
        try await withAgent { bench in
            let script = "i=0; until [ -e go ]; do i=$((i+1)); echo $i; sleep 0.001; done; echo $i >count"
            _ = try await bench.start(.shell(script, name: "a").path(bench.agent.folder.path))
            try await bench.written("100\n", by: "a")
            bench.agent.kill()
            try await bench.startAgentAgain()
            try bench.agent.folder.write("", to: "go")
            try await bench.state("exited", of: "a")
            bench.expectCounted(by: "a", to: Int(bench.agent.folder.read("count").dropLast()))
        }
    }

    /// What is wrong in the journal about a pid that belongs to an unrelated process now.
    enum Lie: CaseIterable { case startTime, bootID }

    @Test(arguments: Lie.allCases) func `an unrelated process with a known pid is neither adopted nor signalled`(
        lie: Lie
    ) async throws {
        try await withAgent { bench in
            let stranger = try ChildProcess(["/bin/sleep", "1000"], log: "/dev/null")
            let pid = try await bench.start(.sleep("a").with("restart", ["policy": "never"]))
            bench.agent.kill()
            kill(pid_t(pid), SIGKILL)
            var journal = bench.agent.folder.read("state/journal")
            #expect(journal.contains(#""pid":\#(pid),"#))
            journal = journal.replacing(#""pid":\#(pid),"#, with: #""pid":\#(stranger.pid),"#)
            let startTime = try #require(SystemProcess(Int(stranger.pid)).startTime)
            let told = lie == .startTime ? startTime - 1 : startTime
            journal = journal.replacing(/"start_time":\d+/, with: #""start_time":\#(told)"#)
            if lie == .bootID {
                journal = journal.replacing(/"boot":"[^"]*"/, with: #""boot":"another""#)
            }
            try bench.agent.folder.write(journal, to: "state/journal")
            try await bench.startAgentAgain()
            let entry = try await bench.entries()["a"]
            #expect(entry?["pid"] == nil && entry?["state"] != "running")
            for method in ["kill_process", "remove_process"] {
                _ = try? await bench.method(method, #"{"process_id":"a"}"#)
            }
            #expect(try await bench.agent.stop() == 0)
            #expect(stranger.isRunning)
        }
    }
}
