import JSONCodec
import TestSupport
import Testing

/// Commands that ask a person on a terminal first.
@Suite(.serialized) struct ConsentTests {
    private func run(_ broker: Broker, _ line: String, typing typed: String) async throws -> Pmctl.Result {
        // The terminal keeps the line until it is read.
        try await Pmctl(broker).start(onTerminal: 80, keys: "printf '%s\\n' '\(typed)'", "$PMCTL \(line)").result()
    }

    @Test(arguments: ["n", "", "yess"]) func `without a yes nothing is sent`(typed: String) async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let result = try await run(broker, "shutdown alpha", typing: typed)
            #expect(result.output.contains("End the agent of alpha and all its processes? [y/N]"), "\(result)")
            #expect(result.output.contains("pmctl: nothing is changed") && result.exitCode == 111)
            try await agent.client.settle()
            #expect(agent.client.messages.isEmpty)
        }
    }

    @Test(arguments: [("shutdown alpha", "Y"), ("shutdown alpha --yes", nil), ("shutdown alpha </dev/null", nil)])
    func `with a yes, with --yes and without a terminal it is sent`(line: String, typed: String?) async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            async let shown = run(broker, line, typing: typed ?? "")
            #expect(try await agent.answerNext(["status": "success"])["method"] == "shutdown")
            let result = try await shown
            #expect(result.output.contains("the agent of alpha is shutting down") && result.exitCode == 0)
            #expect(result.output.contains("[y/N]") == (typed != nil), "\(result)")
        }
    }

    @Test func `shutdown of several hosts asks once`() async throws {
        try await withBroker { broker in
            let agents = [try await FakeAgent(broker), try await FakeAgent(broker, "beta")]
            async let shown = run(broker, "shutdown '*'", typing: "yes")
            for agent in agents { try await agent.answerNext(["status": "success"]) }
            let result = try await shown
            #expect(result.output.contains("End the agents of 2 hosts and all their processes? [y/N]"), "\(result)")
            #expect(result.exitCode == 0)
        }
    }

    @Test func `forget asks`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker, status: "offline")
            let no = try await run(broker, "forget alpha", typing: "n")
            #expect(no.output.contains("Forget alpha? [y/N]") && no.exitCode == 111)
            let yes = try await run(broker, "forget alpha", typing: "y")
            #expect(yes.output.contains("forgot alpha: 1 topics are cleared") && yes.exitCode == 0, "\(yes)")
            withExtendedLifetime(agent) {}
        }
    }

    @Test func `apply asks if it removes something, which a dry run tells`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(#"{"name":"web","command":"a"}"#, to: "web.json")
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            async let first = run(broker, "apply alpha \(folder.path)/web.json", typing: "n")
            let dry = try await agent.answerNext(["status": "success", "removed": ["old", "mail"]])
            #expect(dry["args"]?["dry_run"] == true)
            let refused = try await first
            #expect(refused.output.contains("Remove 2 of the processes (mail, old)? [y/N]"), "\(refused)")
            #expect(refused.exitCode == 111)
            async let second = run(broker, "apply alpha \(folder.path)/web.json", typing: "")
            try await agent.answerNext(["status": "success", "removed": [], "started": ["web"]])
            let real = try await agent.answerNext(["status": "success", "removed": [], "started": ["web"]])
            #expect(real["args"]?["dry_run"] == false)
            let applied = try await second
            #expect(!applied.output.contains("[y/N]") && applied.exitCode == 0, "\(applied)")
        }
    }

    @Test func `Ctrl-C at the question ends it`() async throws {
        let folder = try TemporaryFolder()
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let keys = "until [ -e '\(folder.path)/go' ]; do sleep 0.01; done; printf '\\003'"
            let run = try Pmctl(broker).start(onTerminal: 80, keys: keys, "$PMCTL shutdown alpha")
            try await eventually("the question") { run.output.contains("[y/N]") }
            try folder.write("", to: "go")
            #expect(try await run.result().exitCode == 130)
            try await agent.client.settle()
            #expect(agent.client.messages.isEmpty)
        }
    }
}
