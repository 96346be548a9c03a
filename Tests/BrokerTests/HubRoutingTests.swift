import JSONCodec
import TestSupport
import Testing

/// Requests that the hub routes to the host they name.
struct HubRoutingTests {
    @Test(arguments: TestClient.Version.allCases, [0, 1])
    func `a request reaches its host unchanged`(version: TestClient.Version, qos: Int) async throws {
        try await Fleet.with(version: version) { fleet in
            let agent = try await fleet.agent("alpha", .init(version: version))
            let other = try await fleet.agent("beta")
            let request = #"{"host_name":"alpha","start_process":{"path":"/bin/true","args":["ü"]},"id":"1"}"#
            let code = try await fleet.client.publish("pm/hub/control", request, qos: qos)
            #expect(code == 0)
            let message = try await agent.next(on: "pm/alpha/control")
            #expect(message.text == request)
            #expect(message.qos == qos)
            #expect(message.properties == .init())
            try await other.settle()
            try await fleet.client.settle()
            #expect(other.messages.isEmpty)
            #expect(fleet.client.messages.isEmpty)
        }
    }

    @Test(arguments: [
        #"{"list_active_processes":{},"host_name":"alpha"}"#,
        #"{ "id" : 1 , "host_name" : "alpha" , "list_active_processes" : {} }"#,
        #"{"ho\u0073t_name":"alpha","list_active_processes":{}}"#,
        #"{"host_name":"\u0061lpha","list_active_processes":{}}"#,
        #"{"x":{"host_name":"beta"},"list_active_processes":{},"host_name":"alpha"}"#,
        #"{"method":"get_processes","args":{},"node_id":"alpha"}"#,
        #"{"method":"get_processes","node\u005fid":"alpha"}"#,
    ])
    func `the host name is found in every spelling`(request: String) async throws {
        try await Fleet.with { fleet in
            let agent = try await fleet.agent("alpha")
            try await fleet.client.publish("pm/hub/control", request)
            #expect(try await agent.next(on: "pm/alpha/control").text == request)
        }
    }

    @Test func `all properties are kept`() async throws {
        try await Fleet.with { fleet in
            let agent = try await fleet.agent("alpha")
            let properties = Message.Properties(
                contentType: "application/json", responseTopic: "pm/reply/me", correlationData: [0, 1, 255],
                expiryInterval: 60, user: [["a", "1"], ["a", "2"]])
            for key in ["host_name", "node_id"] {
                try await fleet.client.publish(
                    "pm/hub/control", #"{"\#(key)":"alpha","method":"get_health"}"#, properties: properties)
                #expect(try await agent.next(on: "pm/alpha/control").properties == properties)
            }
        }
    }

    @Test(arguments: TestClient.Version.allCases)
    func `a request with node_id gets the hub's response topic`(version: TestClient.Version) async throws {
        try await Fleet.with(version: version) { fleet in
            let agent = try await fleet.agent("alpha")
            let request = #"{"method":"get_health","node_id":"alpha"}"#
            try await fleet.client.publish("pm/hub/control", request)
            let message = try await agent.next(on: "pm/alpha/control")
            #expect(message.properties == .init(responseTopic: "pm/hub/response"))
            guard version == .v5 else { return }
            let properties = Message.Properties(correlationData: [7], user: [["a", "1"]])
            try await fleet.client.publish("pm/hub/control", request, properties: properties)
            var expected = properties
            expected.responseTopic = "pm/hub/response"
            #expect(try await agent.next(on: "pm/alpha/control").properties == expected)
        }
    }

    @Test func `the acknowledgement tells whether there are subscribers`() async throws {
        try await Fleet.with { fleet in
            let agent = try await TestClient(fleet.broker)
            try await agent.publish("pm/deaf/status", "online", retain: true)
            let code = try await fleet.client.publish("pm/hub/control", #"{"host_name":"deaf"}"#)
            #expect(code == 0x10)
        }
    }

    @Test func `control messages lose their retain flag, but clearing passes`() async throws {
        try await Fleet.with { fleet in
            let agent = try await fleet.agent("alpha")
            let topics = ["pm/alpha/control", "pm/hub/control", "pm/cluster/node/control", "pm/cluster/vm/control"]
            for topic in topics {
                try await agent.subscribe(topic)
                try await fleet.client.publish(topic, #"{"host_name":"alpha"}"#, retain: true)
                let target = topic == "pm/hub/control" ? "pm/alpha/control" : topic
                _ = try await agent.next(on: target)
            }
            let late = try await TestClient(fleet.broker)
            for topic in topics { try await late.subscribe(topic) }
            try await late.settle()
            #expect(late.messages.isEmpty)
            for topic in topics {
                try await fleet.client.publish(topic, "", retain: true)
                let cleared = try await late.next(on: topic)
                #expect(cleared.payload.isEmpty)
            }
            // Retain flags on other topics are kept.
            try await fleet.client.publish("pm/alpha/health", "{}", retain: true)
            try await fleet.client.publish("other/control", "{}", retain: true)
            try await late.subscribe("pm/alpha/health")
            try await late.subscribe("other/control")
            #expect(try await late.next(on: "pm/alpha/health").isRetained)
            #expect(try await late.next(on: "other/control").isRetained)
            try await fleet.client.settle()
            #expect(fleet.client.messages.isEmpty)
        }
    }
}
