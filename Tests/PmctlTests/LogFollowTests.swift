import Glibc
import JSONCodec
import TestSupport
import Testing

/// `pmctl logs --follow` of real processes: each line is shown once and in order, also across restarts.
@Suite(.serialized) struct LogFollowTests {
    /// Starts a process that writes numbers to stdout until the file `go` exists, and then `end`.
    private func startCounting(_ bench: AgentBench) async throws {
        let script = "i=0; until [ -e go ]; do i=$((i+1)); echo $i; sleep 0.004; done; echo end"
        _ = try await bench.method(.startProcess(.shell(script, name: "a").path(bench.agent.folder.path)))
    }

    private func shown(_ run: Pmctl.Run, _ what: String, _ isShown: ([Substring]) -> Bool) async throws {
        try await eventually("\(what) is shown") { isShown(run.output.split(separator: "\n")) }
    }

    /// Lets the process end, and checks that every number was shown.
    private func expectAll(_ bench: AgentBench, _ run: Pmctl.Run) async throws {
        try bench.agent.folder.write("", to: "go")
        try await shown(run, "the end") { $0.last == "end" }
        run.interrupt()
        let result = try await run.result()
        #expect(result.exitCode == 0)
        let lines = result.lines.dropLast()
        let wrong = lines.enumerated().first { Int($1) != $0 + 1 }
        #expect(wrong == nil, "of \(lines.count) lines")
        #expect(lines.count > 100)
    }

    @Test func `no line is lost or doubled between history and new lines, over a link of 40 ms`() async throws {
        try await withAgent { bench in
            let link = try SlowLink(to: bench.broker.socket, delay: .milliseconds(40))
            try await startCounting(bench)
            try await eventually("a history") { bench.agent.folder.read("state/log/a.stdout").contains("\n50\n") }
            let run = try Pmctl(url: link.url).start(["logs", "h1", "a", "-f", "--lines", "10000"])
            try await shown(run, "what came since") { $0.count > 200 }
            try await expectAll(bench, run)
        }
    }

    @Test func `no line is lost or doubled when worker, broker and agent die`() async throws {
        try await withAgent { bench in
            try await startCounting(bench)
            let run = try Pmctl(bench.broker).start(["logs", "h1", "a", "-f", "--lines", "10000"])
            func more() async throws {
                let count = run.output.split(separator: "\n").count
                try await shown(run, "more") { $0.count > count + 50 }
            }
            try await more()
            let worker = try #require(bench.agent.worker)
            worker.kill()
            try await more()
            try await bench.broker.restart()
            try await more()
            bench.agent.kill()
            try bench.agent.start()
            try await more()
            try await expectAll(bench, run)
        }
    }

    @Test func `a line that is written in two parts is shown as one`() async throws {
        try await withAgent { bench in
            let script = "echo first; printf begin; until [ -e go ]; do sleep 0.01; done; echo ' end'; printf last"
            _ = try await bench.method(
                .startProcess(.shell(script, name: "a").path(bench.agent.folder.path))
            )
            try await eventually("the beginning") { bench.agent.folder.read("state/log/a.stdout") == "first\nbegin" }
            let run = try Pmctl(bench.broker).start(["logs", "h1", "a", "-f"])
            try await shown(run, "the first line") { $0 == ["first"] }
            try bench.agent.folder.write("", to: "go")
            // The last line never gets its line feed.
            try await shown(run, "all") { $0.count == 3 }
            run.interrupt()
            #expect(try await run.result().output == "first\nbegin end\nlast\n")
        }
    }

    @Test func `both streams come in the order of writing, and --since selects lines`() async throws {
        try await withAgent { bench in
            // Each line is written only after the agent has read the previous one.
            let script =
                "for i in 1 2 3 4 5; do echo out $i; until grep -qs $i state/log/a.stdout; do :; done; "
                + "echo err $i >&2; until grep -qs $i state/log/a.stderr; do :; done; done"
            _ = try await bench.method(
                .startProcess(.shell(script, name: "a").path(bench.agent.folder.path))
            )
            try await eventually("all") { bench.agent.folder.read("state/log/a.stderr").hasSuffix("err 5\n") }
            let all = try await Pmctl(bench.broker).run("logs", "h1", "a", "--json", "--timestamps").lines.map {
                try Samples.json($0)
            }
            #expect(all.compactMap { $0["line"]?.string } == (1...5).flatMap { ["out \($0)", "err \($0)"] })
            let times = all.compactMap { $0["time"]?.number }
            #expect(times.count == 10 && times == times.sorted())
            let later = try await Pmctl(bench.broker).run("logs", "h1", "a", "--json", "--tail", "3").lines
            #expect(later.count == 3 && later.last == #"{"stream":"stderr","line":"err 5"}"#)
            let none = try await Pmctl(bench.broker).run("logs", "h1", "a", "--since", "@99999999999")
            #expect(none.output.isEmpty && none.errors.isEmpty)
            #expect(try await Pmctl(bench.broker).run("logs", "h1", "a", "--since", "1d").lines.count == 5)
        }
    }
}
