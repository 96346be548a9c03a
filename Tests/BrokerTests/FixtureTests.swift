import TestSupport
import Testing

/// Tests of the fixture itself, with a broker without the hub.
struct FixtureTests {
    @Test(arguments: TestClient.Version.allCases) func `messages come back`(version: TestClient.Version) async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker, .init(version: version))
            try await client.subscribe("a/#")
            let code = try await client.publish("a/b", "hello")
            #expect(code == 0)
            let message = try await client.next(on: "a/b")
            #expect(message.text == "hello")
            #expect(message.qos == 1)
            try await client.settle()
            #expect(client.messages.isEmpty)
        }
    }

    @Test func `the will is published only after an abrupt end`() async throws {
        try await withBroker(.init(tcp: true)) { broker in
            let watcher = try await TestClient(host: "127.0.0.1", port: broker.port)
            try await watcher.subscribe("will/+")
            for isAbrupt in [false, true] {
                let will = Message("will/\(isAbrupt)", "gone")
                let client = try await TestClient(broker, .init(will: will))
                if isAbrupt { client.kill() } else { client.disconnect() }
            }
            #expect(try await watcher.next(on: "will/true").text == "gone")
            #expect(watcher.messages.isEmpty)
        }
    }

    @Test func `retained messages outlive a restart and a kill`() async throws {
        try await withBroker(.init(persistence: true)) { broker in
            let first = try await TestClient(broker)
            try await first.publish("kept", "1", retain: true)
            try await broker.restart()
            try await first.disconnected()
            let second = try await TestClient(broker)
            try await second.subscribe("kept")
            #expect(try await second.next(on: "kept").isRetained)
            broker.kill()
            #expect(!broker.isRunning)
            try await second.disconnected()
        }
    }

    @Test func `properties are sent and received`() async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker)
            try await client.subscribe("p")
            let properties = Message.Properties(
                contentType: "text/plain", responseTopic: "r", correlationData: [0, 1, 255], expiryInterval: 60,
                user: [["a", "b"], ["a", "c"]])
            try await client.publish("p", "x", properties: properties)
            #expect(try await client.next(on: "p").properties == properties)
        }
    }
}
