import Glibc
import TestSupport
import Testing

/// The stdout and stderr of processes, and the pipe holder at their other ends.
@Suite(.serialized) struct OutputTests {
    /// The pipe holder of the agent's keeper.
    private func holder(_ bench: AgentBench) throws -> SystemProcess {
        try #require(SystemProcess(bench.agent.pid).children.first { $0.arguments == ["pm-pipes"] })
    }

    /// A script that writes numbers until the file `go` exists, and then the last number into `count`.
    private let counting = "i=0; until [ -e go ]; do i=$((i+1)); echo $i; sleep 0.001; done; echo $i >count"

    private func startCounting(_ bench: AgentBench) async throws -> Int {
        try await bench.start(.shell(counting, name: "a").path(bench.agent.folder.path))
    }

    private func expectAllCounted(_ bench: AgentBench) async throws {
        try bench.agent.folder.write("", to: "go")
        try await bench.state("exited", of: "a")
        bench.expectCounted(by: "a", to: Int(bench.agent.folder.read("count").dropLast()))
    }

    // MARK: The process's end

    @Test func `stdout and stderr can be written but not read`() async throws {
        try await withAgent { bench in
            let script = """
                for n in 1 2; do grep flags /proc/self/fdinfo/$n | tr -d -c 0-9; echo; done >flags; \
                echo line; read x <&1; echo $x >taken; echo end
                """
            _ = try await bench.start(.shell(script, name: "a").path(bench.agent.folder.path))
            try await bench.written("end", by: "a")
            // The last octal digit is the access mode.
            let flags = bench.agent.folder.read("flags").split(separator: "\n")
            #expect(flags.allSatisfy { $0.hasSuffix("1") } && flags.count == 2, "\(flags)")
            #expect(bench.agent.folder.read("taken") == "\n")
            #expect(bench.lines(of: "a") == ["line", "end"])
        }
    }

    @Test func `tail -f, which checks for a reader that went away, keeps running`() async throws {
        try await withAgent { bench in
            try bench.agent.folder.write("0\n", to: "file")
            let path = "\(bench.agent.folder.path)/file"
            let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
            defer { close(file) }
            let pid = try await bench.start(.command(["tail", "-n", "+1", "-f", path], name: "a"))
            for line in 1...5 {
                try await bench.written("\(line - 1)\n", by: "a")
                #expect(write(file, "\(line)\n", 2) == 2)
            }
            try await bench.written("5\n", by: "a")
            #expect(SystemProcess(pid).exists)
        }
    }

    @Test(.enabled(if: geteuid() == 0), arguments: ["nobody", "0"])
    func `/dev/stdout and /dev/stderr can be opened by any user the process runs as`(user: String) async throws {
        try await withAgent { bench in
            let script = """
                echo A > /dev/stdout; echo B >> /dev/stderr; echo C > /proc/self/fd/1; \
                setpriv --reuid 65534 --clear-groups sh -c 'echo D > /dev/stdout; echo E > /dev/stderr'; \
                sh -c 'echo F > /dev/stdout'; echo $?
                """
            _ = try await bench.start(.shell(script, name: "a").with("user", .string(user)))
            try await bench.state("exited", of: "a")
            let (output, error) = ("state/log/a.stdout", "state/log/a.stderr")
            let drops = user == "0"
            #expect(bench.agent.folder.read(output) == "A\nC\n\(drops ? "D\n" : "")F\n0\n")
            #expect(bench.agent.folder.read(error).contains(drops ? "B\nE\n" : "B\n"))
        }
    }

    @Test(.enabled(if: geteuid() == 0))
    func `another process can't read a process's pipe, nor write to another user's`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.shell("echo up; exec sleep 1000", name: "a").with("user", "nobody"))
            try await bench.written("up", by: "a")
            let sibling = "chmod 666 /proc/\(pid)/fd/1; timeout 1 cat /proc/\(pid)/fd/1; echo $?"
            let stranger = "timeout 1 cat /proc/\(pid)/fd/1; echo forged > /proc/\(pid)/fd/1; echo $?"
            for (id, user, script) in [("b", "nobody", sibling), ("c", "daemon", stranger)] {
                _ = try await bench.start(.shell(script, name: id).with("user", .string(user)))
                try await bench.state("exited", of: id)
                #expect(bench.lines(of: id).last != "0")
                #expect(bench.agent.folder.read("state/log/\(id).stderr").contains("Permission denied"))
            }
            #expect(bench.lines(of: "a") == ["up"])
        }
    }

    // MARK: The reader's end

    @Test func `a writing process survives the death of keeper and worker at any moment`() async throws {
        try await withAgent { bench in
            for round in 1...3 {
                let pid = try await startCounting(bench)
                bench.agent.kill()
                let path = "\(bench.agent.folder.path)/go"
                try await bench.startAgentAgain()
                #expect(try await bench.pids()["a"] == pid, "in round \(round)")
                try await expectAllCounted(bench)
                unlink(path)
                try await bench.expectMethod(
                    .removeProcess("a"),
                    ["status": "success", "message": "process removed successfully"])
            }
        }
    }

    @Test func `the last output of a process that ended without an agent is in its log`() async throws {
        try await withAgent { bench in
            let script = "until [ -e go ]; do sleep 0.01; done; echo last; echo words >&2; exit 3"
            let pid = try await bench.start(.shell(script, name: "a").path(bench.agent.folder.path))
            bench.agent.kill()
            try bench.agent.folder.write("", to: "go")
            try await eventually("its end") { SystemProcess(pid).hasEnded }
            try await bench.startAgentAgain()
            try await bench.state("exited", of: "a")
            #expect(bench.agent.folder.read("state/log/a.stdout") == "last\n")
            #expect(bench.agent.folder.read("state/log/a.stderr") == "words\n")
        }
    }

    @Test func `a pipe holder that is killed or stopped is replaced, and the new one has all pipes`() async throws {
        try await withAgent { bench in
            _ = try await startCounting(bench)
            for signal in [SIGKILL, SIGSTOP] {
                let first = try holder(bench)
                first.kill(signal)
                // A stopped holder is noticed when its socket is full.
                let start = Array(#"{"method":"start_process","args":{"config":{"command":"/bin/true"}}}"#.utf8)
                try await eventually("another holder", within: .seconds(120)) {
                    if signal == SIGSTOP { for _ in 0..<20 { try bench.client.send(bench.topic("control"), start) } }
                    return SystemProcess(bench.agent.pid).children.contains {
                        $0.arguments == ["pm-pipes"] && $0 != first
                    }
                }
            }
            bench.agent.kill()
            try await bench.startAgentAgain()
            try await expectAllCounted(bench)
        }
    }

    @Test func `a pipe holder ends with its agent, or when the next agent has all its pipes`() async throws {
        try await withAgent { bench in
            let first = try holder(bench)
            _ = try await startCounting(bench)
            try await bench.crashWorker()
            #expect(try holder(bench) == first, "a new worker has the same holder")
            bench.agent.kill()
            #expect(!first.hasEnded)
            try await bench.startAgentAgain()
            try await eventually("the first one's end") { first.hasEnded }
            let second = try holder(bench)
            try await bench.agent.stop()
            #expect(second.hasEnded)
            #expect(!TemporaryFolder.names(in: bench.agent.stateDirectory).contains("pipes"))
        }
    }

    @Test func `a pipe holder keeps no pipes of processes that ended or could not be started`() async throws {
        try await withAgent { bench in
            let holder = try holder(bench)
            for path in ["/bin/true", "/nonexistent", "/etc/passwd"] {
                for _ in 1...5 { _ = try await bench.ask(.startProcess(path: path, args: [])) }
            }
            try await eventually("nothing to hold") { !holder.descriptors.values.contains { $0.hasPrefix("pipe:") } }
        }
    }

    @Test func `after its agent's death, a pipe holder ends some time after the last process`() async throws {
        try await withAgent { bench in
            let holder = try holder(bench)
            let pid = try await startCounting(bench)
            bench.agent.kill()
            kill(pid_t(pid), SIGKILL)
            try await eventually("its end") { holder.hasEnded }
            try await bench.startAgentAgain()
        }
    }
}
