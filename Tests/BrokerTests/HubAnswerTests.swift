import JSONCodec
import TestSupport
import Testing

/// Requests that the hub answers itself.
struct HubAnswerTests {
    @Test func `unknown, offline, invalid and missing hosts have different errors in both dialects`() async throws {
        try await Fleet.with { fleet in
            let agent = try await fleet.agent("gone")
            agent.disconnect()
            try await fleet.hosts { $0 == ["gone": false] }
            let long = String(repeating: "a", count: 64)
            let invalid = ["#", "+", "/", "", "a/b", long, "hub", "$SYS", "ä", String(repeating: "a", count: 300)]
            let cases =
                [("gone", "host offline", "host_offline"), ("ghost", "unknown host", "unknown_host")]
                + invalid.map { ($0, "invalid host_name", "invalid_argument") }
            for (name, text, code) in cases {
                let blueZero = try await fleet.answer(#"{"host_name":"\#(name)","stop_process":{"pid":1},"id":7}"#)
                let json = try blueZero.json
                #expect(json["success"] == false)
                #expect(json["error_message"]?.string == text, "\(name)")
                #expect(json["host_name"]?.string == name)
                #expect(json["id"]?.number == 7)
                #expect(blueZero.properties.contentType == "b0::process_manager::Response")
                #expect(!blueZero.isRetained)
                let method = try await fleet.answer(#"{"method":"get_health","node_id":"\#(name)"}"#)
                #expect(try method.json["request"]?["node_id"]?.string == name)
                #expect(try method.json["result"]?["status"]?.string == "failed")
                #expect(try method.json["result"]?["error"]?["code"]?.string == code)
                #expect(try method.json["result"]?["error"]?["detail"]?.string == text)
                #expect(method.properties.contentType == "application/json")
            }
            #expect(try await fleet.refusal(#"{"list_active_processes":{}}"#) == "missing host_name")
            #expect(
                try await fleet.refusal(#"{"host_name":1,"stop_process":{"pid":1}}"#) == "host_name must be a string")
            #expect(
                try await fleet.refusal(#"{"host_name":null,"list_active_processes":{}}"#) == "missing host_name")
        }
    }

    @Test(arguments: TestClient.Version.allCases, [0, 1])
    func `list_hosts lists the hosts`(version: TestClient.Version, qos: Int) async throws {
        try await Fleet.with(version: version) { fleet in
            let agents = [try await fleet.agent("beta"), try await fleet.agent("alpha")]
            try await agents[0].publish("pm/beta/status", "offline", retain: true)
            let answer = try await fleet.answer(#"{"list_hosts":{},"id":"x"}"#, qos: qos)
            #expect(answer.qos == qos)
            let json = try answer.json
            #expect(json["success"] == true)
            #expect(json["id"] == "x")
            let hosts = try #require(json["list_hosts"]?["hosts"]?.array)
            #expect(hosts.map { $0["host_name"]?.string } == ["alpha", "beta"])
            #expect(hosts.map { $0["online"]?.bool } == [true, false])
            #expect(hosts.allSatisfy { ($0["last_active"]?.number ?? 0) > 1.6e9 })
        }
    }

    @Test func `an answer goes to the requester's reply topic`() async throws {
        try await Fleet.with { fleet in
            let properties = Message.Properties(responseTopic: "pm/reply/five", correlationData: [1, 0, 2])
            let json = try await fleet.answer(#"{"list_hosts":{},"reply_to":"pm/reply/json"}"#, on: "pm/reply/json")
            #expect(json.properties.correlationData == nil)
            let five = try await fleet.answer(#"{"list_hosts":{}}"#, properties: properties, on: "pm/reply/five")
            #expect(five.properties.correlationData == [1, 0, 2])
            let both = try await fleet.answer(
                #"{"host_name":"ghost","reply_to":"pm/reply/json"}"#, properties: properties, on: "pm/reply/json")
            #expect(both.properties.correlationData == [1, 0, 2])
            let broken = try await fleet.answer("{", properties: properties, on: "pm/reply/five")
            #expect(broken.properties.correlationData == [1, 0, 2])
            try await fleet.client.settle()
            #expect(fleet.client.messages.isEmpty)
        }
    }

    @Test(arguments: ["a/+", "#", "$SYS/x", "pm/alpha/control", "pm/alpha/status", ""])
    func `a bad reply topic is refused on the default topic`(topic: String) async throws {
        try await Fleet.with { fleet in
            let refusal = try await fleet.refusal(#"{"list_hosts":{},"reply_to":"\#(topic)"}"#)
            #expect(refusal?.hasPrefix("reply topic") == true)
        }
    }

    @Test func `the hub's status is retained from the start`() async throws {
        try await Fleet.with { fleet in
            let late = try await TestClient(fleet.broker)
            try await late.subscribe("pm/hub/status")
            let status = try await late.next(on: "pm/hub/status")
            #expect(status.text == "online")
            #expect(status.isRetained)
        }
    }
}
