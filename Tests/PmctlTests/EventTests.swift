import Foundation
import JSONCodec
import TestSupport
import Testing

/// `pmctl events`, `get` and `info`.
struct EventTests {
    private static let exited = """
        {"host":"alpha","timestamp":1764511439.5,"level":"warning","event":"exited","message":"web exited\\n with code 3",\
        "process_id":"web","exit_code":3}
        """

    private func event(_ level: String, _ message: String) -> String {
        #"{"host":"alpha","timestamp":1764511439,"level":"\#(level)","event":"x","message":"\#(message)"}"#
    }

    /// Publishes events until pmctl, which may not be subscribed yet, shows one.
    private func send(
        _ client: TestClient, _ event: String, host: String = "alpha", until run: Pmctl.Run, shows text: String
    )
        async throws
    {
        try await eventually("\(text) is shown") {
            try await client.publish("pm/\(host)/event", event)
            return run.output.contains(text)
        }
    }

    @Test func `events are shown as the lines of the host's log, also after a restart of the broker`() async throws {
        try await withBroker { broker in
            let run = try Pmctl(broker).start(["events"])
            var client = try await TestClient(broker)
            try await send(client, Self.exited, until: run, shows: "  alpha  web exited\\n with code 3\n")
            try await broker.restart()
            client = try await TestClient(broker)
            try await send(client, event("fatal", "of a later version"), until: run, shows: "of a later version")
            run.interrupt()
            let result = try await run.result()
            #expect(result.exitCode == 0)
            #expect(result.errors.components(separatedBy: "lost the broker").count == 2)
        }
    }

    @Test func `watch goes on after a restart of the broker, and repeats nothing`() async throws {
        try await withBroker(.init(persistence: true)) { broker in
            let agent = try await FakeAgent(broker)
            try await agent.say("health", Samples.health("alpha"))
            let run = try Pmctl(broker).start(["watch"])
            try await eventually("the present is shown") { run.output.contains("health ") }
            try await broker.restart()
            try await eventually("it is back") { run.errors.contains("connected to the broker again") }
            let again = try await FakeAgent(broker)
            try await again.say("process/web", Samples.running)
            try await eventually("the news are shown") { run.output.contains("process web ") }
            run.interrupt()
            let result = try await run.result()
            #expect(result.exitCode == 0 && result.lines.count == 3, "\(result)")
            #expect(result.errors.components(separatedBy: "lost the broker").count == 2)
        }
    }

    @Test func `hosts and levels are selected, and JSON is passed on as it was sent`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["events", "alpha", "--level", "warning", "--json", "--count", "1"])
            try await eventually("an event is shown") {
                try await agent.client.publish("pm/beta/event", Self.exited)
                try await agent.client.publish("pm/alpha/event", event("info", "no"))
                try await agent.client.publish("pm/alpha/event", Self.exited)
                return !run.output.isEmpty
            }
            let result = try await run.result()
            #expect(try Samples.json(result.output) == Samples.json(Self.exited) && result.lines.count == 1)
            let unknown = try await Pmctl(broker).run("events", "gamma")
            #expect(unknown.errors == "pmctl: no such host: gamma (hosts: alpha)\n")
        }
    }

    @Test func `get prints a config that start takes back`() async throws {
        try await withAgent { bench in
            let pmctl = Pmctl(bench.broker)
            let started = try await pmctl.run(
                "start", "h1", "--name", "web", "--restart", "always", "--env", "A=b", "--", "sleep", "1000")
            #expect(started.exitCode == 0)
            let config = try await pmctl.run("get", "h1", "web", "-o", "json")
            let json = try Samples.json(config.output)
            #expect(json["command"] == ["sleep", "1000"] && json["env"] == ["A": "b"] && config.lines.count > 4)
            let line = "export PM_BROKER=$URL; $PMCTL get h1 web > c && $PMCTL stop h1 web && $PMCTL rm h1 web"
            let folder = bench.agent.folder.path
            let again = try await pmctl.shell("cd \(folder); \(line) && $PMCTL start h1 --config - < c")
            #expect(again.lines.last?.hasPrefix("started web on h1, pid ") == true, "\(again)")
            #expect(try Samples.json(try await pmctl.run("get", "h1", "web", "--json").output) == json)
            let broken = try await pmctl.shell("printf '{\\n\"name\" 1}' | PM_BROKER=$URL $PMCTL start h1 --config -")
            #expect(broken.errors == "pmctl: stdin: not valid JSON at line 2, column 8\n" && broken.exitCode == 111)
        }
    }

    @Test func `info shows what a host is`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            try await agent.say("health", Samples.health("alpha"))
            try await agent.say(
                "info",
                """
                {"host":"alpha","version":"0.2.0","protocol":1,"os":"Debian GNU/Linux 12","kernel":"6.1.0","arch":"x86_64",\
                "cpus":4,"memory_total":8589934592,"labels":{"rack":"7"},"owners":{"cluster":{"revision":3}},\
                "drivers":{"exec":{"available":true},"qemu":{"available":false,"reason":"no /dev/kvm"}},\
                "limits":{"memory":{"by":"cgroup"},"cpu":{"reason":"no cgroup"}}}
                """)
            let card = try await Pmctl(broker).run("info", "alpha").output
            for line in [
                "host          alpha", "version       0.2.0", "session       s1", "system        Debian GNU/Linux 12",
                "cpus          4", "memory        8.0 GiB", "label         rack=7", "owner         cluster: revision 3",
                "driver        exec", "driver        qemu: not available: no /dev/kvm",
                "limit         memory: by cgroup",
                "limit         cpu: has no effect: no cgroup",
            ] {
                #expect(card.contains("\(line)\n"), "\(card)")
            }
            let json = try Samples.json(try await Pmctl(broker).run("info", "alpha", "--json").output)
            #expect(json["status"] == "online" && json["session"] == "s1" && json["labels"] == ["rack": "7"])
            #expect(try await Pmctl(broker).run("info", "beta").errors == "pmctl: no such host: beta (hosts: alpha)\n")
        }
    }
}
