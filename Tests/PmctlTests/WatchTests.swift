import JSONCodec
import TestSupport
import Testing

/// `pmctl watch` end to end.
@Suite(.serialized) struct WatchTests {
    /// The lines without the time of day.
    private func what(_ result: Pmctl.Result) -> [String] { result.lines.map { String($0.dropFirst(10)) } }

    /// Returns when pmctl has subscribed to all processes, so that it gets every message from now on.
    private func following(_ agent: FakeAgent, _ run: Pmctl.Run, _ marker: String) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while !run.output.contains(marker) {
            guard ContinuousClock.now < deadline else { throw TestError("watch does not show \(marker)") }
            try await agent.client.settle()
        }
    }

    @Test func `the current state comes first, then each change`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            try await agent.say("health", Samples.health("alpha", said: 4e9))
            try await agent.say("process/job-1", Samples.ended)
            let run = try Pmctl(broker).start(["watch", "--count", "7"])
            try await following(agent, run, "health good")
            try await agent.say("health", Samples.health("alpha", said: 4e9))
            try await agent.say("process/web", Samples.running)
            try await agent.say("health", Samples.health("alpha", reasons: ["disk full"], said: 4e9))
            try await agent.say("process/web", "")
            try await agent.say("status", "offline")
            try await agent.say("status", "online")
            let result = try await run.result()
            #expect(
                what(result) == [
                    "alpha  online", "alpha  health good", "alpha  process web running, pid 4321",
                    "alpha  health bad: disk full", "alpha  process web forgotten", "alpha  offline", "alpha  online",
                ])
            #expect(result.exitCode == 0)
        }
    }

    @Test func `with --json every message is a line`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["watch", "alpha", "--json", "--count", "5"])
            try await following(agent, run, "online")
            for _ in 1...2 { try await agent.say("health", Samples.health("alpha", said: 4e9)) }
            try await agent.say("process/web", Samples.running)
            try await agent.say("process/web", "")
            let lines = try await run.result().lines.map(Samples.json)
            #expect(lines.allSatisfy { $0["host"] == "alpha" })
            #expect(lines[0]["status"] == "online")
            #expect(lines[1]["health"] == "good")
            #expect(lines[2]["seq"] == .number(7))
            #expect(lines[3]["process_id"] == "web")
            #expect(lines[4] == ["host": "alpha", "process_id": "web", "forgotten": true])
        }
    }

    @Test func `a host that becomes stale is a change`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            try await agent.say("health", Samples.health("alpha", said: 4e9, interval: 0.8))
            let result = try await Pmctl(broker).run("watch", "alpha", "--count", "3")
            #expect(what(result) == ["alpha  online", "alpha  health good", "alpha  health stale"])
        }
    }

    @Test func `Ctrl-C is a success, also while the broker is away`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let first = try Pmctl(broker).start(["watch"])
            try await following(agent, first, "online")
            first.interrupt()
            let interrupted = try await first.result()
            #expect(interrupted.exitCode == 0)
            #expect(interrupted.errors.isEmpty)
            let second = try Pmctl(broker).start(["watch"])
            try await following(agent, second, "online")
            broker.kill()
            try await eventually("the loss is told") { second.errors.contains("pmctl: lost the broker at unix://") }
            second.interrupt()
            #expect(try await second.result().exitCode == 0)
        }
    }

    @Test func `watch ends when its reader has closed the pipe`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let line = "($PMCTL watch; echo code $? >&2) | head -1 >/dev/null"
            let pipe = Task { try await Pmctl(broker).run(onTerminal: 80, line) }
            // pmctl notices with the second line at the latest. These messages are changes whenever it subscribes.
            let deadline = ContinuousClock.now + .seconds(20)
            let ended = Watched(false)
            Task {
                _ = await pipe.result
                ended.update { $0 = true }
            }
            while !ended.update({ $0 }), ContinuousClock.now < deadline {
                try await agent.say("process/web", Samples.running)
                try await agent.say("process/web", "")
            }
            #expect(try await pipe.value.output.contains("code 141"))
        }
    }

    @Test func `an unknown host is an error`() async throws {
        try await withBroker { broker in
            let result = try await Pmctl(broker).run("watch", "nix")
            #expect(result.errors == "pmctl: no such host: nix (the broker knows no hosts)\n")
            #expect(result.exitCode == 4)
        }
    }
}
