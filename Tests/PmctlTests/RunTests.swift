import ArgumentParser
import Foundation
import Glibc
import JSONCodec
import Model
import TestSupport
import Testing

@testable import pmctl

/// `pmctl run` with real agents and processes.
@Suite(.serialized) struct RunTests {
    /// The ids of the processes that the host knows.
    private func processes(_ bench: AgentBench) async throws -> [String] {
        let list = try Samples.json(try await Pmctl(bench.broker).run("ps", "h1", "--json").output)
        return (list.array ?? []).compactMap { $0["process_id"]?.string }
    }

    private func isRunning(_ bench: AgentBench, _ id: String) async throws {
        let watcher = try await bench.watcher(of: bench.topic("process/\(id)"))
        _ = try await watcher.next { $0.text.contains(#""state":"running""#) }
    }

    @Test func `the streams are apart, the exit code is that of the command, and nothing is left`() async throws {
        try await withAgent { bench in
            let script = "echo out; echo err >&2; printf '\\033[1mlast'; exit 7"
            let result = try await Pmctl(bench.broker).run("run", "h1", "--", "sh", "-c", script)
            #expect(result.output == "out\n\u{1B}[1mlast\n" && result.errors == "err\n" && result.exitCode == 7)
            #expect(try await processes(bench).isEmpty)
            let killed = try await Pmctl(bench.broker).run("run", "h1", "--", "sh", "-c", "kill -USR1 $$")
            #expect(killed.exitCode == 128 + 10 && killed.output.isEmpty && killed.errors.isEmpty)
            let missing = try await Pmctl(bench.broker).run("run", "h1", "--", "/nonexistent")
            #expect(missing.exitCode == 111 && missing.errors.contains("/nonexistent: no such file or directory"))
        }
    }

    @Test func `--keep leaves the process, and a second run of the name shows only its own output`() async throws {
        try await withAgent { bench in
            for word in ["one", "two"] {
                let result = try await Pmctl(bench.broker).run(
                    "run", "h1", "--name", "job", "--keep", "--env", "A=\(word)", "--", "sh", "-c", "echo $A")
                #expect(result.output == "\(word)\n" && result.exitCode == 0, "\(result.errors)")
            }
            #expect(try await processes(bench) == ["job"])
            #expect(try await Pmctl(bench.broker).run("logs", "h1", "job").output == "one\ntwo\n")
        }
    }

    @Test func `stdin goes to the command up to its end`() async throws {
        try await withAgent { bench in
            let pmctl = Pmctl(bench.broker)
            let set = "export PM_BROKER=$URL;"
            let count = try await pmctl.shell("\(set) seq 1 20000 | $PMCTL run h1 --stdin -- sh -c 'cat; echo end'")
            #expect(count.lines == (1...20_000).map { "\($0)" } + ["end"])
            #expect(try await pmctl.shell("\(set) echo x | $PMCTL run h1 -- cat").output == "")
            let binary = try await pmctl.shell("\(set) printf '\\377' | $PMCTL run h1 --stdin -- cat")
            #expect(binary.errors.contains("stdin is not text in UTF-8") && binary.exitCode == 111)
        }
    }

    @Test func `a long output is complete and in order`() async throws {
        try await withAgent { bench in
            let result = try await Pmctl(bench.broker).run("run", "h1", "--", "seq", "1", "60000")
            #expect(result.exitCode == 0 && result.errors.isEmpty)
            #expect(result.output == (1...60_000).map { "\($0)\n" }.joined())
        }
    }

    @Test func `Ctrl-C stops the command, whose exit code and last words still come`() async throws {
        try await withAgent { bench in
            let script = "trap 'echo bye; exit 42' INT; echo up; while :; do sleep 0.01; done"
            let run = try Pmctl(bench.broker).start(["run", "h1", "--", "sh", "-c", script])
            try await eventually("the command is up") { run.output == "up\n" }
            run.interrupt()
            let result = try await run.result()
            #expect(result.output == "up\nbye\n" && result.exitCode == 42)
            #expect(try await processes(bench).isEmpty)
        }
    }

    @Test(arguments: [SIGTERM, SIGHUP]) func `other signals stop it, too`(signal: Int32) async throws {
        try await withAgent { bench in
            let run = try Pmctl(bench.broker).start(["run", "h1", "--name", "a", "--", "sleep", "1000"])
            try await isRunning(bench, "a")
            run.signal(signal)
            #expect(try await run.result().exitCode == 130)
            #expect(try await processes(bench).isEmpty)
        }
    }

    @Test func `a second Ctrl-C kills a command that ignores the first`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let script = "trap 'echo no' INT; echo up; while :; do sleep 0.01; done"
            let terminal = try PseudoTerminal(columns: 80, rows: 24)
            let pmctl = ["/usr/bin/env", "PM_BROKER=\(bench.broker.url)", try Binaries.pmctl]
            let run = try Pmctl(bench.broker).start(terminal, pmctl + ["run", "h1", "--", "sh", "-c", script])
            try await terminal.shows("the command") { $0.output.contains("up") }
            terminal.press("\u{3}")
            try await terminal.shows("what it says") { $0.output.contains("no\r\n") }
            #expect(terminal.output.contains("Ctrl-C kills it"))
            terminal.press("\u{3}")
            #expect(try await run.result().exitCode == 137)
            #expect(try await processes(bench).isEmpty)
        }
    }

    @Test func `the command ends when the reader of its output has gone`() async throws {
        try await withAgent { bench in
            let line = "PM_BROKER=$URL $PMCTL run h1 -- sh -c 'while :; do echo y; sleep 0.01; done' | head -n 2"
            #expect(try await Pmctl(bench.broker).shell(line).output == "y\ny\n")
            try await eventually("the process is gone") { bench.agent.descendants.isEmpty }
        }
    }

    @Test func `no line is lost or doubled when broker and worker die meanwhile`() async throws {
        try await withAgent { bench in
            let script = "i=0; until [ -e go ]; do i=$((i+1)); echo $i; sleep 0.004; done; exit 3"
            let run = try Pmctl(bench.broker).start(
                ["run", "h1", "--cwd", bench.agent.folder.path, "--", "sh", "-c", script])
            func more() async throws {
                let count = run.output.split(separator: "\n").count
                try await eventually("more lines") { run.output.split(separator: "\n").count > count + 50 }
            }
            try await more()
            try await bench.broker.restart()
            try await more()
            try #require(bench.agent.worker).kill()
            try await more()
            // The command ends while the broker is away.
            try await bench.broker.stop()
            try bench.agent.folder.write("", to: "go")
            try await eventually("the end of the command") { bench.agent.descendants.isEmpty }
            try await bench.broker.start()
            let result = try await run.result()
            #expect(result.exitCode == 3)
            let wrong = result.lines.enumerated().first { Int($1) != $0 + 1 }
            #expect(wrong == nil && result.lines.count > 150)
            #expect(result.errors.components(separatedBy: "lost the broker").count == 3)
            #expect(result.errors.components(separatedBy: "connected to the broker again").count == 3)
        }
    }

    @Test func `three signals stop, kill and leave a process; one that is being started waits for its stop`() {
        var signals = Interruptions()
        #expect(signals.next(isStarting: false) == nil)
        signals.note()
        #expect(signals.next(isStarting: true) == nil && !signals.hasStopped)
        #expect(signals.next(isStarting: false) == .stop && signals.hasStopped && !signals.areWaiting)
        signals.noteFirst()
        #expect(signals.next(isStarting: false) == nil)
        for step in [Interruptions.Step.kill, .leave, .leave] {
            signals.note()
            #expect(signals.next(isStarting: false) == step)
        }
        #expect(signals.next(isStarting: true) == .leave)
    }

    @Test func `the config has the options, and logs that are large enough for a slow reader`() throws {
        let words = ["h", "--user", "web", "--limit", "memory=64M", "--cwd", "/srv", "--", "x", "--rm"]
        let name = try #require(Name("a"))
        #expect(
            try RunCommand.parse(words).config(name, "in") == [
                "command": ["x", "--rm"], "path": "/srv", "name": "a", "user": "web", "stdin": "in",
                "limits": ["memory": "64M"], "stop": ["signal": "INT"],
                "log": ["max_size": .number(16 << 20), "files": .number(16)],
            ])
    }
}
