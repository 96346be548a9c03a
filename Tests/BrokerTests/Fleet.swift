import JSONCodec
import TestSupport
import Testing

/// A broker with the hub, a requester, and as many made-up agents as a test wants.
struct Fleet {
    let broker: Broker
    /// Subscribed to the hub's answers and to `pm/reply/#`.
    let client: TestClient

    static func with<Result>(
        version: TestClient.Version = .v5, extra: [String] = [], _ body: (Fleet) async throws -> Result
    ) async throws -> Result {
        try await withBroker(.init(hub: true, extra: extra)) { broker in
            let client = try await TestClient(broker, .init(version: version))
            for filter in ["pm/hub/response", "pm/reply/#"] { try await client.subscribe(filter) }
            return try await body(Fleet(broker: broker, client: client))
        }
    }

    /// A client that listens as `host`'s agent and has said that it is online.
    func agent(_ host: String, _ options: TestClient.Options = .init()) async throws -> TestClient {
        let agent = try await TestClient(broker, options)
        try await agent.subscribe("pm/\(host)/control")
        try await agent.publish("pm/\(host)/status", "online", retain: true)
        return agent
    }

    /// The hub's own answer to a request.
    func answer(
        _ request: String, qos: Int = 1, properties: Message.Properties = .init(), on topic: String = "pm/hub/response"
    ) async throws -> Message {
        try await client.publish("pm/hub/control", request, qos: qos, properties: properties)
        return try await client.next(on: topic)
    }

    func refusal(_ request: String) async throws -> String? {
        let json = try await answer(request).json
        #expect(json["success"] == false)
        return json["error_message"]?.string
    }

    /// The next list of hosts that is as wanted, each as `name` and whether it is online.
    @discardableResult
    func hosts(_ matches: @escaping @Sendable ([String: Bool]) -> Bool) async throws -> Message {
        let watcher = try await TestClient(broker)
        try await watcher.subscribe("pm/hub/hosts")
        return try await watcher.next { matches((try? $0.hosts) ?? [:]) }
    }
}

extension Message {
    var json: JSON {
        get throws { try JSON.parse(payload.span, sizeLimit: 1 << 24, nestingLimit: 60) }
    }

    /// Of a list of hosts: which are online.
    var hosts: [String: Bool] {
        get throws {
            let nodes = try #require(try json["nodes"]?.array)
            return Dictionary(
                uniqueKeysWithValues: nodes.compactMap { node in
                    node["host_name"]?.string.flatMap { name in node["online"]?.bool.map { (name, $0) } }
                })
        }
    }
}
