import JSONCodec
import TestSupport
import Testing

/// Requests end to end: the built pmctl, a real broker and a fake agent.
@Suite(.serialized) struct RequestTests {
    @Test func `start sends a config and prints the outcome`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["start", "alpha", "--name", "web", "--env", "A=1", "--", "sleep", "9"])
            let request = try await agent.answerNext(["status": "success", "process_id": "web", "pid": .number(42)])
            let result = try await run.result()
            #expect(request["method"] == "start_process")
            #expect(request["args"] == ["config": ["command": ["sleep", "9"], "name": "web", "env": ["A": "1"]]])
            #expect(request["id"]?.string?.isEmpty == false)
            #expect(request["reply_to"]?.string?.hasPrefix("pm/reply/pmctl-") == true)
            #expect(result.output == "started web on alpha, pid 42\n")
            #expect(result.errors.isEmpty)
            #expect(result.exitCode == 0)
        }
    }

    @Test(arguments: [("web", JSON.string("web")), ("42", .number(42))])
    func `stop takes an id or a pid`(word: String, sent: JSON) async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["stop", "alpha", word])
            let request = try await agent.answerNext(["status": "success", "message": "process kill successfully"])
            #expect(request["method"] == "kill_process")
            #expect(request["args"] == ["process_id": sent])
            let result = try await run.result()
            #expect(result.output == "stopped \(word == "42" ? "pid 42" : "web") on alpha\n")
            #expect(result.exitCode == 0)
        }
    }

    @Test func `reset prints the new pid, or the answer's result as JSON`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let answer: JSON = ["status": "success", "process_id": "web", "pid": .number(43)]
            let plain = try Pmctl(broker).start(["reset", "alpha", "web"])
            #expect(try await agent.answerNext(answer)["method"] == "reset_process")
            #expect(try await plain.result().output == "reset web on alpha, pid 43\n")
            let json = try Pmctl(broker).start(["--json", "reset", "alpha", "web"])
            try await agent.answerNext(answer)
            #expect(try Samples.json(try await json.result().output) == answer)
        }
    }

    @Test func `a refusal is printed in one line with the agent's reason`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let refusal: JSON = [
                "status": "failed", "message": "process failed to start",
                "error": ["code": "exec_failed", "detail": "no such file\nor directory"],
            ]
            let plain = try Pmctl(broker).start(["start", "alpha", "--", "nix"])
            try await agent.answerNext(refusal)
            let result = try await plain.result()
            #expect(result.errors == "pmctl: process failed to start: no such file\\nor directory\n")
            #expect(result.output.isEmpty)
            #expect(result.exitCode == 111)
            let json = try Pmctl(broker).start(["start", "alpha", "--json", "--", "nix"])
            try await agent.answerNext(refusal)
            let second = try await json.result()
            #expect(try Samples.json(second.output) == refusal)
            #expect(second.exitCode == 111)
        }
    }

    @Test func `answers to other requests are ignored`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["stop", "alpha", "web"])
            let request = try await agent.request()
            let inbox = try #require(request["reply_to"]?.string)
            try await agent.client.publish(inbox, "not JSON")
            try await agent.client.publish(inbox, #"{"request":{"id":"other"},"result":{"status":"failed"}}"#)
            try await agent.answer(request, ["status": "success"])
            #expect(try await run.result().exitCode == 0)
        }
    }

    @Test func `no answer, and an agent that goes offline, are errors`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let silent = try await Pmctl(broker).run("--timeout", "1.5", "start", "alpha", "x")
            #expect(
                silent.errors == "pmctl: no answer from host alpha in 1.5 s; it may still do what was asked\n")
            #expect(silent.exitCode == 124)
            _ = try await agent.request()
            let run = try Pmctl(broker).start(["stop", "alpha", "x"])
            _ = try await agent.request()
            try await agent.say("status", "offline")
            let gone = try await run.result()
            #expect(gone.errors == "pmctl: host alpha went offline before it answered\n")
            #expect(gone.exitCode == 5)
        }
    }

    @Test(arguments: [
        ["ps"], ["start", "x"], ["stop", "x"], ["reset", "x"], ["status", "x"], ["health"], ["signal", "x", "1"],
        ["rm", "x"], ["logs", "x"], ["logs", "x", "-f"], ["shutdown"],
    ])
    func `an unknown host and an offline host are errors`(words: [String]) async throws {
        try await withBroker { broker in
            let pmctl = Pmctl(broker)
            let arguments = { (host: String) in [words[0], host] + words.dropFirst() }
            let empty = try await pmctl.start(arguments("nix")).result()
            #expect(empty.errors == "pmctl: no such host: nix (the broker knows no hosts)\n")
            let agent = try await FakeAgent(broker, status: "offline")
            let unknown = try await pmctl.start(arguments("nix")).result()
            #expect(unknown.errors == "pmctl: no such host: nix (hosts: alpha)\n")
            let offline = try await pmctl.start(arguments("alpha")).result()
            #expect(offline.errors == "pmctl: host offline: alpha\n")
            #expect([empty, unknown, offline].map(\.exitCode) == [4, 4, 5])
            #expect([empty, unknown, offline].allSatisfy { $0.output.isEmpty })
            try await agent.client.settle()
            #expect(agent.client.messages.isEmpty, "a request was sent to an offline host")
        }
    }

    @Test func `Ctrl-C while waiting prints nothing`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["stop", "alpha", "web"])
            _ = try await agent.request()
            run.interrupt()
            let result = try await run.result()
            #expect(result.exitCode == 130)
            #expect(result.errors.isEmpty && result.output.isEmpty)
        }
    }
}
