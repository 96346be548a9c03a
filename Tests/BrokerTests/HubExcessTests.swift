import TestSupport
import Testing

/// MQTT 5 properties, which take a receiver many times their size in memory.
struct HubExcessTests {
    private static let list = "user admin\ntopic readwrite #\nuser op\ntopic readwrite pm/#\ntopic readwrite settle/#\n"

    /// Runs the body with a broker, a client that receives the messages that pass, and a requester.
    private func withBroker(_ body: (Broker, TestClient, TestClient) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.list, to: "acl")
        let lines = ["plugin_opt_acl_file \(folder.path)/acl", "acl_file \(folder.path)/acl"]
        try await TestSupport.withBroker(.init(hub: true, extra: lines)) { broker in
            let watcher = try await TestClient(broker, .init(user: "admin"))
            try await watcher.publish("pm/a/status", "online", retain: true)
            for filter in ["pm/a/control", "pm/cluster/+/control", "pm/a/health", "pm/reply/x"] {
                try await watcher.subscribe(filter)
            }
            let client = try await TestClient(broker, .init(user: "op"))
            try await client.subscribe("pm/reply/me")
            try await body(broker, watcher, client)
        }
    }

    private static let request = #"{"host_name":"a","method":"get_health","id":"1"}"#

    private static func pairs(_ count: Int, _ name: String = "x", _ value: String = "y") -> [[String]] {
        Array(repeating: [name, value], count: count)
    }

    @Test(arguments: ["pm/hub/control", "pm/a/control", "pm/cluster/node/control"])
    func `a request may have 64 user properties besides those that name the requester`(topic: String) async throws {
        try await withBroker { _, watcher, client in
            func send(_ user: [[String]]) async throws -> Int {
                try await client.publish(
                    topic, Self.request, properties: .init(responseTopic: "pm/reply/me", user: user))
            }
            for user in [[], Self.pairs(64), Self.pairs(64) + Self.pairs(200, "pm-user"), Self.pairs(64, "pm-client")] {
                #expect(try await send(user) == 0)
                let seen = try await watcher.next { $0.topic.hasSuffix("/control") }.properties.user
                #expect(seen.count == user.count + 2)
            }
            for user in [Self.pairs(65), Self.pairs(2_000, "", ""), Self.pairs(65) + Self.pairs(2, "pm-user")] {
                #expect(try await send(user) == 0x87)
                let error = try await client.next(on: "pm/reply/me").value["result"]?["error"]
                #expect(error?["code"] == "malformed_request")
                #expect(error?["detail"] == "malformed request: more than 64 user properties")
            }
            for user in [
                Self.pairs(6, "x", String(repeating: "y", count: 60_000)),
                Self.pairs(600, "pm-user", String(repeating: "y", count: 440)),
            ] {
                #expect(try await send(user) == 0x87)
                let error = try await client.next(on: "pm/reply/me").value["result"]?["error"]
                #expect(error?["detail"] == "malformed request: user properties of more than 262144 bytes")
            }
            try await watcher.settle()
            #expect(watcher.messages.isEmpty)
        }
    }

    /// They would take memory in every subscriber as well.
    @Test(arguments: ["pm/a/health", "pm/reply/x"])
    func `the same bound holds for all other messages below pm`(topic: String) async throws {
        try await withBroker { _, watcher, client in
            #expect(try await client.publish(topic, "{}", properties: .init(user: Self.pairs(64))) == 0)
            _ = try await watcher.next(on: topic)
            #expect(try await client.publish(topic, "{}", properties: .init(user: Self.pairs(65))) == 0x87)
            try await watcher.settle()
            #expect(watcher.messages.isEmpty)
        }
    }

    @Test func `a request too large for an agent is refused with an answer, and user properties count`() async throws {
        try await withBroker { _, watcher, client in
            func send(_ size: Int, _ user: [[String]]) async throws -> Int {
                let payload = [UInt8](repeating: 0x20, count: size)
                return try await client.publish(
                    "pm/a/control", payload, properties: .init(responseTopic: "pm/reply/me", user: user))
            }
            #expect(try await send(256 << 10, []) == 0)
            _ = try await watcher.next(on: "pm/a/control")
            let property = Self.pairs(1, "x", String(repeating: "y", count: 60_000))
            for (size, user) in [(7 << 20, []), (321 << 10, []), (256 << 10, property + property)] {
                #expect(try await send(size, user) == 0x87)
                let error = try await client.next(on: "pm/reply/me").value["result"]?["error"]
                #expect(error?["detail"]?.string?.hasPrefix("malformed request: ") == true)
            }
            try await watcher.settle()
            #expect(watcher.messages.isEmpty)
        }
    }

    /// 1,400,000 properties of 5 bytes are 7 MB on the wire and take twenty times as much in a broker.
    @Test func `the broker returns the memory of a flood of properties, and agents receive none of it`() async throws {
        try await withBroker { broker, watcher, client in
            func flood() async throws {
                let publish = RawPacket.publish("pm/a/control", Self.request, emptyProperties: 1_400_000)
                #expect(try await RawPacket.exchange([.connect(user: "op"), publish], broker.socket) == 0x87)
            }
            let before = try broker.residentMemory
            for _ in 0..<3 { try await flood() }
            try await eventually("the memory is back") { try broker.residentMemory < before + (8 << 20) }
            try await watcher.settle()
            #expect(watcher.messages.isEmpty)
        }
    }
}
