import JSONCodec
import TestSupport
import Testing

/// `pmctl vm console` end to end.
@Suite(.serialized) struct ConsoleTests {
    private func say(_ broker: Broker, _ state: String, of id: String = "v1") async throws {
        let client = try await TestClient(broker)
        try await client.publish("pm/cluster/vm/\(id)/state", state, retain: true)
    }

    private static let running = #"{"vm_id":"v1","state":"running","host":"alpha"}"#

    private func follows(_ agent: FakeAgent) async throws {
        let request = try await agent.answerNext(["status": "success", "seconds": .number(3_600)])
        #expect(request["method"] == "follow_log" && request["args"] == ["process_id": "v1"])
    }

    private func shown(_ run: Pmctl.Run, _ text: String) async throws {
        try await eventually("\(text) is shown") { run.output.contains(text) }
    }

    @Test func `old lines come first, then new ones, also after the agent was offline, until Ctrl-C`() async throws {
        try await withBroker { broker in
            try await say(broker, Self.running)
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["vm", "console", "v1", "-n", "5"])
            let request = try await agent.answerNext(["status": "success", "stdout": ["one\r"], "stderr": []])
            #expect(request["method"] == "get_log" && request["args"] == ["process_id": "v1", "lines": .number(5)])
            try await follows(agent)
            try await agent.client.publish("pm/alpha/log/v1/stdout", "two\r\nthree\r\n")
            try await agent.client.publish("pm/alpha/log/v1/stderr", "pm-vm: a word\n")
            try await shown(run, "three")
            for status in ["offline", "online"] { try await agent.say("status", status) }
            try await follows(agent)
            // A reset: the VM is still the same process of its host.
            try await say(broker, #"{"vm_id":"v1","state":"starting","host":"alpha"}"#)
            try await agent.client.publish("pm/alpha/log/v1/stdout", "four\r\n")
            try await shown(run, "four")
            run.interrupt()
            let result = try await run.result()
            #expect(result.output == "one\ntwo\nthree\nfour\n")
            #expect(result.errors == "pm-vm: a word\n" && result.exitCode == 0)
        }
    }

    @Test func `the console waits for a VM that is not started yet`() async throws {
        try await withBroker { broker in
            try await say(broker, #"{"vm_id":"v1","state":"queued"}"#)
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["vm", "console", "v1", "--json"])
            // pmctl is either subscribed by now, or gets this as the retained state.
            try await say(broker, #"{"vm_id":"v1","state":"starting","host":"alpha"}"#)
            for _ in 1...2 {
                try await agent.answerNext([
                    "status": "failed", "error": ["code": "no_such_process", "detail": "no such process: v1"],
                ])
            }
            try await agent.answerNext(["status": "success", "stdout": ["one"], "stderr": []])
            try await follows(agent)
            try await shown(run, "one")
            run.interrupt()
            #expect(try await run.result().output == #"{"stream":"stdout","line":"one"}"# + "\n")
        }
    }

    @Test func `an unknown VM and a removed VM are errors`() async throws {
        try await withBroker { broker in
            let nobody = try await Pmctl(broker).run("vm", "console", "v2")
            #expect(nobody.errors == "pmctl: no such vm: v2 (pm-cluster has none)\n" && nobody.exitCode == 4)
            try await say(broker, Self.running)
            let other = try await Pmctl(broker).run("vm", "console", "v2")
            #expect(other.errors == "pmctl: no such vm: v2 (vms: v1)\n" && other.exitCode == 4)
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["vm", "console", "v1"])
            try await agent.answerNext(["status": "success", "stdout": [], "stderr": []])
            try await follows(agent)
            try await say(broker, "")
            let result = try await run.result()
            #expect(result.errors == "pmctl: vm v1 is gone\n" && result.exitCode == 111)
        }
    }

    @Test func `no answer from the host and a refusal are errors`() async throws {
        try await withBroker { broker in
            try await say(broker, Self.running)
            let agent = try await FakeAgent(broker)
            let silent = try await Pmctl(broker).run("vm", "console", "v1", "--timeout", "0.3")
            #expect(silent.errors == "pmctl: no answer from host alpha in 0.3 s\n" && silent.exitCode == 124)
            for _ in 1...2 { _ = try await agent.request() }
            let run = try Pmctl(broker).start(["vm", "console", "v1"])
            for _ in 1...2 {
                try await agent.answerNext([
                    "status": "failed", "message": "log failed to be followed",
                    "error": ["code": "not_allowed", "detail": "not you"],
                ])
            }
            let refused = try await run.result()
            #expect(refused.errors == "pmctl: log failed to be followed: not you\n" && refused.exitCode == 111)
        }
    }

    @Test func `on a terminal changes of the VM's state are shown`() async throws {
        try await withBroker { broker in
            try await say(broker, #"{"vm_id":"v1","state":"starting","stage":"booting","host":"alpha"}"#)
            let agent = try await FakeAgent(broker)
            async let shown = Pmctl(broker).run(onTerminal: 80, "$PMCTL vm console v1")
            try await agent.answerNext(["status": "success", "stdout": ["one"], "stderr": []])
            try await follows(agent)
            try await say(broker, #"{"vm_id":"v1","state":"down","reason":"its agent is gone","host":"alpha"}"#)
            try await say(broker, "")
            let lines = try await shown.output.split(separator: "\r\n").map(String.init)
            #expect(
                lines == [
                    "v1 is starting on alpha: booting", "one", "v1 is down on alpha: its agent is gone",
                    "pmctl: vm v1 is gone",
                ])
        }
    }

    @Test(.enabled(if: VMSupport.obstacle == nil))
    func `the console of a real VM continues after a reset`() async throws {
        try await withCluster(vms: true) { bench in
            let pmctl = Pmctl(bench.broker)
            let allocated = try await pmctl.run(
                "vm", "allocate", "--id", "v1", "--name", "hello", "--", "sh", "-c",
                "echo to the log; echo hello $(hostname) >/dev/console; sleep 1000")
            #expect(allocated.output.hasPrefix("allocated v1 on h1: hello runs, pid "), "\(allocated)")
            let run = try pmctl.start(["vm", "console", "v1"])
            try await eventually("it is shown") { run.output.contains("hello v1") }
            let reset = try await pmctl.run("vm", "reset", "v1")
            #expect(reset.output == "reset v1\n")
            try await eventually("it is shown again", within: VMSupport.patience) {
                run.output.split(separator: "\n").count { $0 == "hello v1" } == 2
            }
            let log = try await pmctl.run("logs", "v1", "hello")
            #expect(log.output == "to the log\n")
            let removed = try await pmctl.run("vm", "rm", "v1")
            #expect(removed.output == "removed v1\n")
            let result = try await run.result()
            #expect(result.errors.hasSuffix("pmctl: vm v1 is gone\n") && result.exitCode == 111)
        }
    }
}
