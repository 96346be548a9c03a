import JSONCodec
import TestSupport
import Testing

/// The hub's list of hosts, and which of them are online.
struct HubPresenceTests {
    @Test func `the list has all members of a host`() async throws {
        try await Fleet.with { fleet in
            let agent = try await fleet.agent("alpha")
            let message = try await fleet.hosts { $0 == ["alpha": true] }
            let node = try #require(try message.json["nodes"]?.array?.first)
            #expect(node["node_name"]?.string == "pm/alpha")
            #expect(node["service_name"]?.string == "pm/alpha/control")
            #expect((node["last_active"]?.number ?? 0) > 1.6e9)
            _ = agent
        }
    }

    @Test(arguments: [false, true]) func `the end of a connection takes its host offline`(isAbrupt: Bool) async throws {
        try await Fleet.with { fleet in
            let agent = try await fleet.agent("alpha")
            try await fleet.hosts { $0 == ["alpha": true] }
            if isAbrupt { agent.kill() } else { agent.disconnect() }
            try await fleet.hosts { $0 == ["alpha": false] }
            #expect(try await fleet.refusal(#"{"host_name":"alpha"}"#) == "host offline")
        }
    }

    @Test func `a takeover keeps the host online`() async throws {
        try await Fleet.with { fleet in
            let old = try await fleet.agent("alpha", .init(id: "agent"))
            let new = try await fleet.agent("alpha", .init(id: "agent"))
            try await old.disconnected()
            try await fleet.client.publish("pm/hub/control", #"{"host_name":"alpha"}"#)
            _ = try await new.next(on: "pm/alpha/control")
            try await fleet.hosts { $0 == ["alpha": true] }
        }
    }

    @Test func `the end of an older connection does not touch the newer one's host`() async throws {
        try await Fleet.with { fleet in
            let old = try await fleet.agent("alpha")
            let new = try await fleet.agent("alpha")
            old.kill()
            // If the hub had taken alpha offline, the list that shows mark's end, which comes later, would show that,
            // too.
            let mark = try await fleet.agent("mark")
            mark.disconnect()
            try await fleet.hosts { $0 == ["alpha": true, "mark": false] }
            try await fleet.client.publish("pm/hub/control", #"{"host_name":"alpha"}"#)
            _ = try await new.next(on: "pm/alpha/control")
        }
    }

    @Test func `another client that publishes online and disconnects does not take the host offline`() async throws {
        try await Fleet.with { fleet in
            let agent = try await fleet.agent("alpha")
            let stranger = try await TestClient(fleet.broker)
            try await stranger.publish("pm/alpha/status", "online")
            stranger.disconnect()
            let mark = try await fleet.agent("mark")
            mark.disconnect()
            try await fleet.hosts { $0 == ["alpha": true, "mark": false] }
            try await fleet.client.publish("pm/hub/control", #"{"host_name":"alpha"}"#)
            _ = try await agent.next(on: "pm/alpha/control")
        }
    }

    @Test func `after a late will the host is online again when its agent says so`() async throws {
        try await Fleet.with { fleet in
            let will = Message("pm/alpha/status", "offline", isRetained: true)
            let old = try await fleet.agent("alpha", .init(will: will))
            let new = try await fleet.agent("alpha")
            try await new.subscribe("pm/alpha/status")
            _ = try await new.next { $0.text == "online" }
            old.kill()
            _ = try await new.next { $0.text == "offline" }
            try await new.publish("pm/alpha/status", "online", retain: true)
            try await fleet.client.publish("pm/hub/control", #"{"host_name":"alpha"}"#)
            _ = try await new.next(on: "pm/alpha/control")
            try await fleet.hosts { $0 == ["alpha": true] }
        }
    }

    @Test func `one connection may announce many hosts`() async throws {
        try await Fleet.with { fleet in
            let bridge = try await TestClient(fleet.broker)
            for host in ["a", "b", "c"] { try await bridge.publish("pm/\(host)/status", "online", retain: true) }
            try await fleet.hosts { $0 == ["a": true, "b": true, "c": true] }
            bridge.kill()
            try await fleet.hosts { $0 == ["a": false, "b": false, "c": false] }
        }
    }

    @Test func `clearing the status forgets a host that is offline`() async throws {
        try await Fleet.with { fleet in
            let agent = try await fleet.agent("alpha")
            try await fleet.client.publish("pm/alpha/status", "", retain: true)
            try await fleet.hosts { $0 == ["alpha": true] }
            agent.disconnect()
            try await fleet.hosts { $0 == ["alpha": false] }
            try await fleet.client.publish("pm/alpha/status", "", retain: true)
            try await fleet.hosts { $0.isEmpty }
            #expect(try await fleet.refusal(#"{"host_name":"alpha"}"#) == "unknown host")
        }
    }

    @Test func `without ticks the list is published at the next event`() async throws {
        try await withBroker(.init(hub: true, hasSettingsPerListener: true)) { broker in
            let agent = try await TestClient(broker)
            try await agent.subscribe("pm/hub/hosts")
            try await agent.publish("pm/alpha/status", "online", retain: true)
            // At the earliest one second after the first list, which was empty.
            while !agent.messages.contains(where: { (try? $0.hosts) == ["alpha": true] }) {
                try await agent.publish("pm/alpha/health", "{}", retain: true)
            }
        }
    }
}
