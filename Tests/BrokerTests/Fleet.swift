import JSONCodec
import TestSupport
import Testing

/// A broker with the hub, a requester, and any number of simulated agents.
struct Fleet {
    let broker: Broker
    /// Subscribed to the hub's response topic and to `pm/reply/#`.
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

    /// A client that is subscribed like the agent of `host` and has published `online`.
    func agent(_ host: String, _ options: TestClient.Options = .init()) async throws -> TestClient {
        let agent = try await TestClient(broker, options)
        try await agent.subscribe("pm/\(host)/control")
        try await agent.publish("pm/\(host)/status", "online", retain: true)
        return agent
    }

    /// Sends a request and returns the hub's own answer to it.
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

    /// Waits for a list of hosts that matches; the list maps each host name to whether the host is online.
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

    /// From a list of hosts: whether each host is online, by name.
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
