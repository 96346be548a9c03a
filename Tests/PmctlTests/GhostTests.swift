import Glibc
import JSONCodec
import TestSupport
import Testing

/// Hosts of which only retained messages are left.
@Suite(.serialized) struct GhostTests {
    @Test func `forget clears all topics of an offline host`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker, status: "offline")
            for topic in ["health", "info", "response", "process/web", "process/job"] {
                try await agent.say(topic, Samples.health("alpha"))
            }
            let other = try await FakeAgent(broker, "beta")
            let pmctl = Pmctl(broker)
            let result = try await pmctl.run("forget", "alpha")
            #expect(result.output == "forgot alpha: 6 topics are cleared\n" && result.exitCode == 0, "\(result)")
            let left = try await TestClient(broker)
            try await left.subscribe("pm/#")
            try await left.settle()
            #expect(left.messages.map(\.topic) == ["pm/beta/status"])
            let again = try await pmctl.run("forget", "alpha")
            #expect(again.errors == "pmctl: no such host: alpha (hosts: beta)\n" && again.exitCode == 4)
            withExtendedLifetime(other) {}
        }
    }

    @Test func `forget refuses a host that is online, unless it is stale`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let refused = try await Pmctl(broker).run("forget", "alpha")
            #expect(refused.errors.hasPrefix("pmctl: host alpha is online") && refused.exitCode == 111)
            // Broker and agent have died together: nothing has published the will.
            try await agent.say("health", Samples.health("alpha", said: 1_000, interval: 0.2))
            let forgotten = try await Pmctl(broker).run("--json", "forget", "alpha")
            #expect(try Samples.json(forgotten.output) == ["host": "alpha", "cleared": .number(2)])
        }
    }

    @Test func `forget refuses a host with a wrong clock that is heard meanwhile`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            // Old enough to be stale, with an interval that leaves time to hear the next report.
            try await agent.say("health", Samples.health("alpha", said: 1_000, interval: 1_000))
            let run = try Pmctl(broker).start(["forget", "alpha"])
            try await eventually("pmctl waits") { run.errors.contains("waiting") }
            try await agent.say("health", Samples.health("alpha", said: 1_001, interval: 1_000))
            let result = try await run.result()
            #expect(result.errors.contains("host alpha is online") && result.exitCode == 111)
        }
    }

    @Test func `hosts shows a clock that is off, if the hub hears the host`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let now = Double(time(nil))
            try await agent.say("health", Samples.health("alpha", said: now - 4_000))
            #expect(try await Pmctl(broker).run("hosts").output.contains("stale"))
            for (topic, text) in [
                ("pm/hub/status", "online"),
                ("pm/hub/host/alpha", #"{"host_name":"alpha","online":true,"stale":false}"#),
            ] {
                try await agent.client.publish(topic, text, retain: true)
            }
            #expect(try await Pmctl(broker).run("hosts").output.contains("good, clock 1h 6m behind"))
            let json = try Samples.json(try await Pmctl(broker).run("hosts", "--json").output).array?.first
            #expect(json?["stale"] == false)
            #expect((json?["clock_skew"]?.number).map { (-4_100...(-4_000)).contains($0) } == true)
            try await agent.say("health", Samples.health("alpha", said: now + 4_000))
            #expect(try await Pmctl(broker).run("hosts").output.contains("ahead"))
            let judgement = #"{"host_name":"alpha","online":true,"stale":true}"#
            try await agent.client.publish("pm/hub/host/alpha", judgement, retain: true)
            #expect(try await Pmctl(broker).run("hosts").output.contains("stale"))
        }
    }

    @Test func `hosts and ps leave out hosts without a status`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            try await agent.say("process/web", Samples.running)
            try await agent.client.publish("pm/ghost/process/web", Samples.running, retain: true)
            try await agent.client.publish("pm/ghost/health", Samples.health("ghost"), retain: true)
            for command in ["hosts", "ps"] {
                let result = try await Pmctl(broker).run(command)
                #expect(result.output.contains("alpha") && !result.output.contains("ghost"), "\(result)")
            }
        }
    }

    @Test func `ps marks the processes of a stale host`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            try await agent.say("process/web", Samples.running)
            try await agent.say("health", Samples.health("alpha", said: 1_000))
            let table = try await Pmctl(broker).run("ps")
            #expect(table.output.contains("running?"), "\(table)")
            let json = try Samples.json(try await Pmctl(broker).run("ps", "--json").output)
            #expect(json.array?.first?["stale"] == true)
        }
    }
}
