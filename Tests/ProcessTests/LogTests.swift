import Glibc
import TestSupport
import Testing

/// The log files of processes: rotation, and `get_log`.
@Suite(.serialized) struct LogTests {
    /// The contents of a stream's files, the oldest first.
    private func files(_ bench: AgentBench, _ stream: String) -> [String] {
        let older = (1...110).reversed().map { bench.agent.folder.read("state/log/\(stream).\($0)") }
        return (older + [bench.agent.folder.read("state/log/\(stream)")]).filter { !$0.isEmpty }
    }

    private func number(_ value: Int) -> String {
        let digits = "\(value)"
        return String(repeating: "0", count: 10 - digits.count) + digits
    }

    @Test func `no line is lost or split while files rotate`() async throws {
        try await withAgent { bench in
            let count = 30_000
            _ = try await bench.start(
                .testChild("--flood \(count) --lines-per-second 10000 --exit 0", name: "a").with(
                    "log", ["max_size": "4K", "files": 100]))
            try await bench.state("exited", of: "a")
            let files = files(bench, "a.stdout")
            #expect(files.count > 50 && files.allSatisfy { $0.hasSuffix("\n") && $0.utf8.count <= 4_096 })
            let lines = files.joined().split(separator: "\n")
            #expect(lines.count == count)
            #expect(zip(1...count, lines).allSatisfy { number($0) == $1 })
        }
    }

    @Test func `a flood is bounded on disk, and its newest lines are kept`() async throws {
        try await withAgent { bench in
            let count = 500_000
            _ = try await bench.start(
                .testChild("--flood \(count) --exit 0", name: "a").with("log", ["max_size": "64K", "files": 3]))
            try await bench.state("exited", of: "a")
            let files = files(bench, "a.stdout")
            #expect(files.count == 3 && files.allSatisfy { $0.hasSuffix("\n") && $0.utf8.count <= 64 << 10 })
            let lines = files.joined().split(separator: "\n")
            #expect(lines.last.map(String.init) == number(count))
            #expect(zip((count - lines.count + 1)...count, lines).allSatisfy { number($0) == $1 })
        }
    }

    @Test func `a process that floods its log delays no request`() async throws {
        try await withAgent { bench in
            for name in ["a", "b"] {
                _ = try await bench.start(
                    .testChild("--flood forever", name: name).with("log", ["max_size": "1M", "files": 2]))
            }
            try await eventually("a rotation") { !bench.agent.folder.read("state/log/b.stdout.1").isEmpty }
            for _ in 0..<20 {
                let pid = try await bench.start(.sleep("c"))
                #expect(SystemProcess(pid).exists)
                try await bench.kill("c")
            }
        }
    }

    @Test func `a log query returns the last lines of one stream or both`() async throws {
        try await withAgent { bench in
            let script = "for i in $(seq 150); do echo out $i; echo err $i >&2; done; printf end"
            _ = try await bench.start(.shell(script, name: "a").with("log", ["max_size": "4K"]))
            try await bench.state("exited", of: "a")
            try await bench.expectMethod(
                .call("get_log", ["process_id": "a", "lines": 2]),
                ["status": "success", "stdout": ["out 150", "end"], "stderr": ["err 149", "err 150"]])
            try await bench.expectMethod(
                .call("get_log", ["process_id": "a", "lines": 1, "stream": "stdout"]),
                ["status": "success", "stdout": ["end"]])
            try await bench.expectMethod(
                .call("get_log", ["process_id": "a", "lines": 1, "stream": "stderr"]),
                ["status": "success", "stderr": ["err 150"]])
            let usual = try await bench.method(.call("get_log", ["process_id": "a", "stream": "both"]))
            #expect(usual["stdout"]?.array?.count == 100 && usual["stderr"]?.array?.count == 100)
            let all = try await bench.method(.call("get_log", ["process_id": "a", "lines": 10000]))
            #expect(all["stderr"]?.array == (1...150).map { .string("err \($0)") } && all["truncated"] == nil)
        }
    }

    @Test func `a log query spans many files and several runs`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(
                .testChild("--flood 2000 --exit 0", name: "a").with("log", ["max_size": "4K", "files": 50]))
            try await bench.state("exited", of: "a")
            #expect(try await bench.reset("a") != nil)
            try await bench.entry("a") { $0["state"] == "exited" && $0["restarts"] == 1 }
            let log = try await bench.method(.call("get_log", ["process_id": "a", "lines": 3000, "stream": "stdout"]))
            #expect(log["stdout"]?.array == (Array(1_001...2_000) + Array(1...2_000)).map { .string(number($0)) })
        }
    }

    @Test func `lines that do not fit into an answer are left out and the answer says so`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.testChild("--flood 1000 --line-bytes 1000 --exit 0", name: "a"))
            try await bench.state("exited", of: "a")
            let log = try await bench.method(.call("get_log", ["process_id": "a", "lines": 1000]))
            let lines = try #require(log["stdout"]?.array)
            #expect(log["truncated"] == true && lines.count > 80 && lines.count < 200 && log["stderr"] == [])
            #expect(lines.last?.string?.hasPrefix(number(1_000)) == true)
        }
    }

    @Test func `bytes that are not UTF-8 are shown as replacement characters`() async throws {
        try await withAgent { bench in
            let script = #"printf '\377a\0b\033\n\303\n'"#
            _ = try await bench.start(.shell(script, name: "a"))
            try await bench.state("exited", of: "a")
            let lines = try await bench.method(.call("get_log", ["process_id": "a"]))["stdout"]?.array
            #expect(lines?.count == 2 && lines?.last == "\u{FFFD}")
            #expect(lines?.first?.string?.hasPrefix("\u{FFFD}a") == true, "\(lines ?? [])")
        }
    }

    @Test func `an invalid log query is refused`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("a"))
            for (arguments, code, detail) in [
                (#"{"process_id":"b"}"#, "no_such_process", "no such process: b"),
                (#"{}"#, "missing_argument", "missing args.process_id"),
                (
                    #"{"process_id":"a","lines":0}"#, "invalid_argument",
                    "args.lines must be a whole number from 1 to 10000"
                ),
                (
                    #"{"process_id":"a","stream":"stdin"}"#, "invalid_argument",
                    "args.stream must be stdout, stderr or both"
                ),
            ] { try await bench.expectFailure("get_log", arguments, code, detail) }
        }
    }

    @Test func `a process with the number of an earlier one begins with an empty log`() async throws {
        try await withAgent { bench in
            let log = "\(bench.agent.stateDirectory)/log/sh-1.stdout"
            let file = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            #expect(write(file, "old\n", 4) == 4)
            close(file)
            _ = try await bench.sh("echo new; sleep 1000")
            try await eventually("the new line") { bench.agent.folder.read("state/log/sh-1.stdout") == "new\n" }
        }
    }
}
