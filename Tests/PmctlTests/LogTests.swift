import JSONCodec
import TestSupport
import Testing

/// `pmctl logs` end to end.
@Suite(.serialized) struct LogTests {
    private static let excerpt: JSON = [
        "status": "success",
        "lines": [
            ["time": .number(1.25), "stream": "stdout", "line": "one"],
            ["time": .number(1.5), "stream": "stderr", "line": "oh"],
            ["time": .null, "stream": "stdout", "line": "a\tb\u{1B}[2J\r"],
        ],
        "position": ["stdout": "p1", "stderr": "q1"],
    ]

    private func arguments(_ more: JSON.Member..., stream: String = "both") -> JSON {
        .object(
            [
                .init("process_id", "web"), .init("stream", .string(stream)), .init("merge", true),
                .init("timestamps", true),
            ] + more)
    }

    private func grantsFollowing(_ agent: FakeAgent, seconds: Double) async throws {
        let request = try await agent.answerNext([
            "status": "success", "topics": ["pm/alpha/log/web/stdout", "pm/alpha/log/web/stderr"],
            "seconds": .number(seconds),
        ])
        #expect(request["method"] == "follow_log")
        #expect(request["args"] == ["process_id": "web", "stream": "both"])
    }

    /// Answers the next `get_log`, after checking its arguments.
    private func read(
        _ agent: FakeAgent, _ after: JSON.Member, _ lines: [JSON], position: String, more: Bool = false
    ) async throws {
        var answer: [JSON.Member] = [
            .init("status", "success"), .init("lines", .array(lines)),
            .init("position", ["stdout": .string(position), "stderr": "q1"]),
        ]
        if more { answer.append(.init("more", true)) }
        let request = try await agent.answerNext(.object(answer))
        #expect(request["method"] == "get_log")
        #expect(request["args"]?[after.key] == after.value, "\(request)")
    }

    private func shown(_ run: Pmctl.Run, _ text: String) async throws {
        try await eventually("\(text) is shown") { run.output.contains(text) }
    }

    private func place(_ position: String) -> JSON.Member {
        .init("after", ["stdout": .string(position), "stderr": "q1"])
    }

    private func line(_ text: String) -> JSON { ["time": .number(2.0), "stream": "stdout", "line": .string(text)] }

    @Test func `each stream goes to the same stream of pmctl, with escape sequences escaped`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["logs", "alpha", "web", "--tail", "5"])
            let request = try await agent.answerNext(Self.excerpt)
            #expect(request["method"] == "get_log")
            #expect(request["args"] == arguments(.init("lines", .number(5))))
            let result = try await run.result()
            #expect(result.output == "one\na\tb\\u{1b}[2J\n")
            #expect(result.errors == "oh\n")
            #expect(result.exitCode == 0)
        }
    }

    @Test func `lines with times, raw, since a given time`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start([
                "logs", "alpha", "web", "--timestamps", "--raw", "--since", "1970-01-01T00:00:01Z",
            ])
            let request = try await agent.answerNext(Self.excerpt)
            #expect(request["args"] == arguments(.init("since", .number(1))))
            let result = try await run.result()
            let lines = result.lines
            #expect(lines.count == 2 && lines[0].hasSuffix(":01.250 one"))
            #expect(lines[1] == String(repeating: "-", count: 23) + " a\tb\u{1B}[2J\r\n")
            #expect(result.errors.hasSuffix(":01.500 oh\n"))
        }
    }

    @Test func `one stream as JSON, with a warning when older lines are cut off`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["logs", "alpha", "42", "--stream", "stderr", "--json"])
            let request = try await agent.answerNext([
                "status": "success", "lines": [["time": .number(1.0), "stream": "stderr", "line": "oh"]],
                "truncated": true,
            ])
            #expect(request["args"]?["process_id"] == .number(42) && request["args"]?["stream"] == "stderr")
            #expect(request["args"]?["lines"] == .number(100))
            let result = try await run.result()
            #expect(result.output == #"{"stream":"stderr","line":"oh"}"# + "\n")
            #expect(
                result.errors
                    == "pmctl: older lines do not fit into an answer; ask for fewer, or for one stream\n")
        }
    }

    @Test func `follow_log comes first, then each get_log starts where the last one ended, until Ctrl-C`() async throws
    {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["logs", "alpha", "web", "--follow"])
            try await grantsFollowing(agent, seconds: 3_600)
            #expect(
                try await agent.answerNext(Self.excerpt)["args"]
                    == arguments(.init("lines", .number(100)), .init("position", true)))
            try await shown(run, "one")
            // The message causes a read; its text is not shown.
            try await agent.client.publish("pm/alpha/log/web/stdout", "no matter\n")
            try await read(agent, place("p1"), [line("two")], position: "p2", more: true)
            try await read(agent, place("p2"), [line("three")], position: "p3")
            try await shown(run, "three")
            try await agent.client.publish("pm/alpha/log/other/stdout", "not ours\n")
            try await agent.client.publish("pm/alpha/log/web/stderr", "ours\n")
            try await read(agent, place("p3"), [], position: "p3")
            run.interrupt()
            let last = try await agent.request()
            #expect(last["method"] == "unfollow_log")
            #expect(last["args"] == ["process_id": "web", "stream": "both"])
            let result = try await run.result()
            #expect(result.output == "one\na\tb\\u{1b}[2J\ntwo\nthree\n")
            #expect(result.errors == "oh\n" && result.exitCode == 0)
        }
    }

    @Test func `follow_log is renewed, and reading continues`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["logs", "alpha", "web", "-f"])
            try await grantsFollowing(agent, seconds: 2)
            try await agent.answerNext(Self.excerpt)
            // pmctl sends no request before half of the granted time is over.
            try await grantsFollowing(agent, seconds: 3_600)
            try await read(agent, place("p1"), [line("two")], position: "p2")
            try await shown(run, "two")
            run.interrupt()
            _ = try await run.result()
        }
    }

    @Test func `a pid is looked up before it is followed`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["logs", "alpha", "4321", "-f"])
            #expect(
                try await agent.answerNext(["status": "success", "process": Samples.json(Samples.running)])["method"]
                    == "get_process")
            try await agent.answerNext([
                "status": "failed", "message": "log failed to be followed",
                "error": ["code": "no_such_process", "detail": "no such process: web"],
            ])
            let result = try await run.result()
            #expect(result.errors == "pmctl: log failed to be followed: no such process: web\n")
            #expect(result.exitCode == 4)
        }
    }

    @Test func `following continues after the host was offline`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["logs", "alpha", "web", "-f"])
            try await grantsFollowing(agent, seconds: 60)
            try await agent.answerNext(Self.excerpt)
            try await shown(run, "one")
            try await agent.say("status", "offline")
            try await agent.say("status", "online")
            try await grantsFollowing(agent, seconds: 60)
            try await read(agent, place("p1"), [line("two")], position: "p2")
            try await shown(run, "two")
            run.interrupt()
            let result = try await run.result()
            #expect(result.errors == "oh\npmctl: host alpha went offline; waiting for it\n")
            #expect(result.exitCode == 0)
        }
    }

    @Test(arguments: ["10", "10x", "-1s", "2026-13-01", "2026-11-30 25:00", "2026-11", "@", "yesterday"])
    func `an invalid time is refused`(text: String) async throws {
        let result = try await Pmctl(url: "unix:///nowhere").run("logs", "alpha", "web", "--since=\(text)")
        #expect(result.exitCode == 100 && result.errors.contains("--since must be"))
    }
}
