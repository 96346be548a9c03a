import TestSupport
import Testing

/// The limit on the requests a second of a connection.
struct HubRateTests {
    private func withHub(_ rate: String, _ body: (Broker, TestClient) async throws -> Void) async throws {
        try await withBroker(.init(hub: true, extra: ["plugin_opt_max_requests_per_second \(rate)"])) { broker in
            let host = try await TestClient(broker)
            try await host.publish("pm/a/status", "online", retain: true)
            try await host.subscribe("pm/a/control")
            try await body(broker, host)
        }
    }

    @Test(arguments: ["pm/a/control", "pm/hub/control"])
    func `a burst passes, then the rate is limited, and other clients are not affected`(topic: String) async throws {
        try await withHub("5") { broker, host in
            let (flooder, other) = (try await TestClient(broker), try await TestClient(broker))
            try await flooder.subscribe("pm/reply/f")
            let clock = ContinuousClock()
            let begin = clock.now
            let request = Array(#"{"host_name":"a","method":"get_health","reply_to":"pm/reply/f"}"#.utf8)
            for _ in 0..<50 { try flooder.send(topic, request) }
            try await flooder.settle()
            try await host.settle()
            let most = 5 + 5 * Int((clock.now - begin).components.seconds) + 5
            let passed = host.takeAll().filter { $0.topic == "pm/a/control" }.count
            #expect(passed >= 5 && passed <= most, "\(passed)")
            if topic == "pm/hub/control" {
                let answers = try flooder.takeAll().filter { $0.topic == "pm/reply/f" }.map { try $0.value }
                #expect(answers.count == 50 - passed)
                #expect(answers.allSatisfy { $0["result"]?["error"]?["code"] == "no_capacity" })
            }
            try await other.publish(topic, #"{"host_name":"a","method":"get_health"}"#)
            _ = try await host.next(on: "pm/a/control")
            #expect(broker.log.contains("hub: no capacity: anonymous user, client "))
        }
    }

    @Test func `with an invalid rate all requests are refused, and that is logged`() async throws {
        try await withHub("many") { broker, host in
            #expect(broker.log.contains("hub: plugin_opt_max_requests_per_second is not positive: requests refused"))
            let client = try await TestClient(broker)
            try await client.publish("pm/a/control", "{}", qos: 0)
            try await client.settle()
            try await host.settle()
            #expect(!host.takeAll().contains { $0.topic == "pm/a/control" })
        }
    }

    @Test func `clearing a control topic is never answered, even in a flood`() async throws {
        try await withHub("5") { broker, host in
            let (flooder, reader) = (try await TestClient(broker), try await TestClient(broker))
            try await reader.subscribe("pm/b/response")
            var properties = Message.Properties()
            properties.responseTopic = "pm/b/response"
            for _ in 0..<50 {
                try await flooder.publish("pm/hub/control", "", qos: 0, retain: true, properties: properties)
            }
            try await flooder.settle()
            try await reader.settle()
            #expect(reader.takeAll().allSatisfy { $0.topic != "pm/b/response" })
        }
    }
}
