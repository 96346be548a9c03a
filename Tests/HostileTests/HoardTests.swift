import Glibc
import TestSupport
import Testing

/// Attacks that make the broker store data.
@Suite(.serialized) struct HoardTests {
    /// A viewer leaves persistent sessions, for which the broker queues all messages.
    @Test func `hundreds of abandoned sessions cost a bounded queue each, and share the messages`() async throws {
        try await SecureFleet.with { fleet in
            let sessions = 200
            for number in 0..<sessions {
                // MQTT 3.1.1, because libmosquitto's MQTT 5 sessions end with the connection.
                let eve = try await fleet.client(
                    "eve", .init(id: "gone-\(number)", version: .v311, isCleanSession: false))
                try await eve.subscribe("pm/#")
                eve.kill()
            }
            let before = try fleet.broker.residentMemory
            let op = try await fleet.client("op")
            let text = [UInt8](repeating: 65, count: 16 << 10)
            for _ in 0..<20 {
                for _ in 0..<99 { try op.send("pm/reply/op/load", text, qos: 1) }
                _ = try await op.publish("pm/reply/op/load", text)
                _ = try await fleet.ask("pm/box/control", .call("get_health"))
            }
            let growth = try fleet.broker.residentMemory - before
            print("2,000 messages of 16 KiB for \(sessions) sessions: the broker grew by \(growth >> 20) MiB")
            #expect(growth < 160 << 20)
        }
    }

    @Test func `no client can store retained messages below pm/reply`() async throws {
        try await SecureFleet.with { fleet in
            for (user, version) in [("eve", TestClient.Version.v5), ("op", .v311), ("box", .v5), ("guests", .v5)] {
                let client = try await fleet.client(user, .init(version: version))
                let folder = "pm/reply/\(user)"
                for topic in ["\(folder)/x", "\(folder)/x/control", "\(folder)/x/response", "\(folder)/status"] {
                    for qos in 0...2 { try await client.publish(topic, "keep me", qos: qos, retain: true) }
                }
            }
            #expect(try await fleet.retained().keys.allSatisfy { !$0.hasPrefix("pm/reply/") })
            // A retained will is not prevented, but it can be cleared.
            let will = Message("pm/reply/eve/will", "keep me", isRetained: true)
            try await fleet.client("eve", .init(will: will)).kill()
            try await eventually("the will") { try await fleet.retained()["pm/reply/eve/will"] != nil }
            try await fleet.client("eve").publish("pm/reply/eve/will", "", retain: true)
            #expect(try await fleet.retained()["pm/reply/eve/will"] == nil)
        }
    }
}
