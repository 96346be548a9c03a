import Glibc
import TestSupport
import Testing

/// `stdin`, and values of `env` that are read from files of the host.
@Suite(.serialized) struct InputTests {
    @Test(arguments: ["", "hello", "two\nlines\n", String(repeating: "x", count: 100_000)])
    func `a process reads its stdin from the config, in each of its runs`(text: String) async throws {
        try await withAgent { bench in
            let escaped = text.replacing("\n", with: "\\n")
            _ = try await bench.start(config: #"{"name":"a","command":"cat","stdin":"\#(escaped)"}"#)
            try await bench.state("exited", of: "a")
            #expect(bench.agent.folder.read("state/log/a.stdout") == text)
            #expect(try await bench.reset("a") != nil)
            // A run begins on a line of its own.
            let first = text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
            try await bench.entry("a") { $0["state"] == "exited" && $0["restarts"] == 1 }
            #expect(bench.agent.folder.read("state/log/a.stdout") == first + text)
        }
    }

    @Test(arguments: [false, true]) func `an open stdin has no end, even if worker and keeper die`(both: Bool)
        async throws
    {
        try await withAgent { bench in
            // `cat` ends when its stdin does. A process that does not read would not notice.
            let pid = try await bench.start(.command("cat", name: "a").with("stdin", ["open": true]))
            let process = SystemProcess(pid)
            try await bench.crashWorker()
            #expect(try await bench.state("running", of: "a")["pid"]?.integer == pid)
            if both {
                bench.agent.kill()
                try await bench.startAgentAgain()
                #expect(try await bench.state("running", of: "a")["pid"]?.integer == pid)
            }
            // It still waits for input, and has seen no end.
            try await eventually("cat to wait for its stdin") { process.state == "S" }
            try await bench.kill("a")
            #expect(try await bench.entry("a")["signal"]?.integer == 15)
        }
    }

    @Test func `an open stdin can be opened by name, and polled`() async throws {
        try await withAgent { bench in
            let script = "exec 5< /dev/stdin && read -t 0.2 x <&5; echo end $?; exec 6<&5; echo ok"
            _ = try await bench.start(.command(["/bin/bash", "-c", script], name: "a").with("stdin", ["open": true]))
            try await bench.state("exited", of: "a")
            // A status of bash above 128 means a timeout; 1 would mean the end of stdin.
            #expect(bench.agent.folder.read("state/log/a.stdout") == "end 142\nok\n")
        }
    }

    @Test func `a value from a file is read at each start, and is in no answer`() async throws {
        try await withAgent { bench in
            let file = "\(bench.agent.folder.path)/secret"
            try bench.agent.folder.write("first one\n", to: "secret")
            let first = try await bench.start(.sleep("a").env(["S": ["file": .string(file)], "T": "t"]))
            #expect(SystemProcess(first).environment.isSuperset(of: ["S=first one", "T=t"]))
            try bench.agent.folder.write("second\n\n", to: "secret")
            let second = try #require(try await bench.reset("a"))
            // Only the last newline is not part of the secret.
            #expect(SystemProcess(second).environment.contains("S=second\n"))
            let told = try await bench.method(.getProcess("a"))["process"]
            #expect(told?["config"]?["env"]?["S"] == ["file": .string(file)])
        }
    }

    @Test func `a start fails if the file of a value can't be read`() async throws {
        try await withAgent { bench in
            let folder = bench.agent.folder.path
            try bench.agent.folder.write("a\0b", to: "nul")
            try bench.agent.folder.write(String(repeating: "x", count: 65_537), to: "large")
            for (file, reason) in [
                ("missing", "no such file or directory"), ("nul", "contains a NUL"), ("large", ""),
            ] {
                let result = try await bench.method(
                    .startProcess(.sleep().env(["S": ["file": .string("\(folder)/\(file)")]])))
                let detail = try #require(result["error"]?["detail"]?.string, "\(result)")
                #expect(result["error"]?["code"] == "exec_failed")
                #expect(detail.hasPrefix("env.S: ") && detail.hasSuffix(reason), "\(detail)")
            }
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `a restart is retried until the file of a value is back`() async throws {
        try await withAgent { bench in
            try bench.agent.folder.write("1", to: "secret")
            let pid = try await bench.start(
                .sleep("a").env(["S": ["file": .string("\(bench.agent.folder.path)/secret")]]).with(
                    "restart", ["policy": "always", "delay": 0.01, "max_delay": 0.01, "start_limit": 0]))
            unlink("\(bench.agent.folder.path)/secret")
            kill(pid_t(pid), SIGKILL)
            try await bench.entry("a") { $0["error"]?.string?.hasPrefix("env.S: ") == true }
            try bench.agent.folder.write("2", to: "secret")
            let next = try #require(try await bench.state("running", of: "a")["pid"]?.integer)
            #expect(["S=2", "S="].contains { SystemProcess(next).environment.contains($0) })
        }
    }
}
