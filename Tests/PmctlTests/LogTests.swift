import JSONCodec
import TestSupport
import Testing

/// `pmctl logs` end to end.
@Suite(.serialized) struct LogTests {
    private static let excerpt: JSON = ["status": "success", "stdout": ["one", "a\tb\u{1B}[2J"], "stderr": ["oh"]]

    private func asksToFollow(_ agent: FakeAgent, seconds: Double) async throws {
        let request = try await agent.answerNext([
            "status": "success", "topics": ["pm/alpha/log/web/stdout", "pm/alpha/log/web/stderr"],
            "seconds": .number(seconds),
        ])
        #expect(request["method"] == "follow_log")
        #expect(request["args"] == ["process_id": "web", "stream": "both"])
    }

    @Test func `each stream goes to its own, and no escape sequence through`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["logs", "alpha", "web", "-n", "5"])
            let request = try await agent.answerNext(Self.excerpt)
            #expect(request["method"] == "get_log")
            #expect(request["args"] == ["process_id": "web", "lines": .number(5), "stream": "both"])
            let result = try await run.result()
            #expect(result.output == "one\na\tb\\u{1b}[2J\n")
            #expect(result.errors == "oh\n")
            #expect(result.exitCode == 0)
        }
    }

    @Test func `one stream, as JSON, cut short`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["logs", "alpha", "42", "--stream", "stderr", "--json"])
            let request = try await agent.answerNext(["status": "success", "stderr": ["oh"], "truncated": true])
            #expect(request["args"] == ["process_id": .number(42), "lines": .number(100), "stream": "stderr"])
            let result = try await run.result()
            #expect(result.output == #"{"stream":"stderr","line":"oh"}"# + "\n")
            #expect(
                result.errors
                    == "pmctl: older lines do not fit into an answer; ask for fewer, or for one stream\n")
        }
    }

    @Test func `following renews itself and ends with Ctrl-C`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["logs", "alpha", "web", "--follow"])
            try await agent.answerNext(Self.excerpt)
            try await asksToFollow(agent, seconds: 2)
            try await agent.client.publish("pm/alpha/log/web/stdout", "two\nthree\n")
            try await agent.client.publish("pm/alpha/log/web/stderr", "dear")
            // Nobody asks for more before half of the time is over.
            try await asksToFollow(agent, seconds: 3600)
            try await agent.client.publish("pm/alpha/log/web/stdout", "\n")
            try await agent.client.publish("pm/alpha/log/other/stdout", "not ours\n")
            try await agent.client.publish("pm/alpha/log/web/stdout", "four\n")
            let deadline = ContinuousClock.now + .seconds(20)
            while !run.output.contains("four") {
                guard ContinuousClock.now < deadline else { throw TestError("it wrote: \(run.output)") }
                try await agent.client.settle()
            }
            run.interrupt()
            let last = try await agent.request()
            #expect(last["method"] == "unfollow_log")
            #expect(last["args"] == ["process_id": "web", "stream": "both"])
            let result = try await run.result()
            #expect(result.output.hasSuffix("two\nthree\n\nfour\n"))
            #expect(result.errors == "oh\ndear\n")
            #expect(result.exitCode == 0)
        }
    }

    @Test func `a pid is looked up before it is followed`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["logs", "alpha", "4321", "-f"])
            #expect(
                try await agent.answerNext(["status": "success", "process": Samples.json(Samples.running)])["method"]
                    == "get_process")
            #expect(try await agent.answerNext(Self.excerpt)["args"]?["process_id"] == "web")
            try await agent.answerNext([
                "status": "failed", "message": "log failed to be followed",
                "error": ["code": "no_such_process", "detail": "no such process: web"],
            ])
            let result = try await run.result()
            #expect(result.errors == "oh\npmctl: log failed to be followed: no such process: web\n")
            #expect(result.exitCode == 111)
        }
    }

    @Test func `a host that goes ends it`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["logs", "alpha", "web", "-f"])
            try await agent.answerNext(["status": "success", "stdout": [], "stderr": []])
            try await asksToFollow(agent, seconds: 60)
            try await agent.say("status", "offline")
            let result = try await run.result()
            #expect(result.output.isEmpty)
            #expect(result.errors == "pmctl: host alpha went offline\n")
            #expect(result.exitCode == 111)
        }
    }
}
