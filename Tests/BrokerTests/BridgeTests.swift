import TestSupport
import Testing

/// An agent at a site's broker, which a bridge connects to a central broker with the hub.
@Suite(.serialized) struct BridgeTests {
    /// The bridge's protocol: mosquitto's default is `mqttv311`.
    enum Version: String, CaseIterable { case mqttv311, mqttv50 }

    /// The lines of a site's configuration, as docs/reliability.md describes them.
    ///
    /// - Parameter name: of the connection, which makes the bridge's client id.
    private func bridge(_ name: String, _ version: Version, to central: Broker) -> [String] {
        [
            "connection \(name)", "address 127.0.0.1:\(central.port)", "bridge_protocol_version \(version)",
            "topic pm/h1/# out 1", "topic pm/h1/control in 1", "topic pm/hub/response out 1", "topic pm/reply/# out 1",
            "restart_timeout 1",
        ]
    }

    private func withSite(
        _ version: Version, _ body: (_ central: TestClient, AgentProcess) async throws -> Void
    ) async throws {
        try await withBroker(.init(hub: true, tcp: true)) { central in
            try await withBroker(.init(extra: bridge("central", version, to: central))) { site in
                let agent = try AgentProcess(url: site.url)
                let client = try await TestClient(central)
                for filter in ["pm/reply/#", "pm/hub/response", "pm/h1/#"] { try await client.subscribe(filter) }
                do {
                    try agent.start()
                    _ = try await client.next { $0.topic == "pm/h1/status" && $0.text == "online" }
                    _ = try await client.next(on: "pm/h1/health")
                    try await body(client, agent)
                    try await agent.stop()
                } catch { throw TestError("\(error)\n--- the agent's log:\n\(agent.log)\n--- the site:\n\(site.log)") }
            }
        }
    }

    @Test(arguments: Version.allCases) func `requests through the hub are answered over a bridge`(version: Version)
        async throws
    {
        try await withSite(version) { client, _ in
            for key in ["host_name", "node_id"] {
                try await client.publish(
                    "pm/hub/control", #"{"\#(key)":"h1","method":"get_health","args":{},"id":"\#(key)"}"#)
                let answer = try await client.next(on: "pm/hub/response").value
                #expect(answer["id"]?.string == key && answer["result"]?["status"] == "success", "\(answer)")
            }
            // A reply topic in the payload gets through every bridge.
            let request = #"{"method":"get_health","id":1,"reply_to":"pm/reply/me"}"#
            try await client.publish("pm/h1/control", request)
            #expect(try await client.next(on: "pm/reply/me").value["id"] == 1)
        }
    }

    @Test(arguments: Version.allCases) func `a response topic needs a bridge of MQTT 5`(version: Version) async throws {
        try await withSite(version) { client, _ in
            let request = #"{"method":"get_health","id":"five"}"#
            try await client.publish("pm/h1/control", request, properties: .init(responseTopic: "pm/reply/five"))
            if version == .mqttv50 {
                #expect(try await client.next(on: "pm/reply/five").value["id"] == "five")
            }
            // The default topic has the answer in any case.
            _ = try await client.next { $0.topic == "pm/h1/response" && $0.text.contains("five") }
            try await client.settle()
            if version == .mqttv311 { #expect(!client.messages.contains { $0.topic == "pm/reply/five" }) }
        }
    }

    @Test func `two sites with a host of one name are a conflict, and get no requests through the hub`() async throws {
        try await withBroker(.init(hub: true, tcp: true)) { central in
            let client = try await TestClient(central)
            for filter in ["pm/hub/host/h1", "pm/hub/response"] { try await client.subscribe(filter) }
            try await withBroker(.init(extra: bridge("east", .mqttv50, to: central))) { east in
                try await withBroker(.init(extra: bridge("west", .mqttv50, to: central))) { west in
                    let agents = try [east, west].map {
                        try AgentProcess(.init(configuration: #"{"health_interval":0.3}"#), url: $0.url)
                    }
                    for agent in agents { try agent.start() }
                    _ = try await client.next { $0.topic == "pm/hub/host/h1" && $0.text.contains(#""conflict":true"#) }
                    try await client.publish("pm/hub/control", #"{"host_name":"h1","method":"get_health","id":1}"#)
                    let answer = try await client.next(on: "pm/hub/response").value
                    #expect(answer["result"]?["error"]?["code"] == "host_conflict", "\(answer)")
                    for agent in agents { try await agent.stop() }
                }
            }
        }
    }
}
