import TestSupport
import Testing

/// Where answers may be sent, with a broker that has an ACL file.
struct HubReplyTests {
    private static let list = """
        user admin
        topic readwrite #
        user op
        topic read #
        topic write pm/+/control
        topic write pm/cluster/+/control
        topic write pm/reply/op/#
        topic write settle/#
        topic deny pm/reply/op/secret
        """

    /// With a broker, somebody who may all and sees the requests, and somebody who may ask.
    private func withBroker(
        _ version: TestClient.Version = .v5, _ body: (Broker, TestClient, TestClient) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.list, to: "acl")
        let options = Broker.Options(
            hub: true, extra: ["plugin_opt_acl_file \(folder.path)/acl", "acl_file \(folder.path)/acl"])
        try await TestSupport.withBroker(options) { broker in
            let watcher = try await TestClient(broker, .init(user: "admin"))
            try await watcher.publish("pm/a/status", "online", retain: true)
            for filter in ["pm/a/control", "pm/cluster/+/control", "pm/hub/response", "pm/reply/#"] {
                try await watcher.subscribe(filter)
            }
            let client = try await TestClient(broker, .init(id: "me", version: version, user: "op"))
            try await body(broker, watcher, client)
        }
    }

    private static let controls = [
        "pm/a/control", "pm/cluster/node/control", "pm/cluster/vm/control", "pm/hub/control",
    ]

    @Test(
        arguments: [
            (#""reply_to":"pm/reply/op/1""#, nil, true), (#""reply_to":"pm/reply/other/1""#, nil, false),
            (#""reply_to":"pm/b/response""#, nil, false), (#""reply_to":"elsewhere""#, nil, false),
            (#""reply_to":"pm/reply/op/secret""#, nil, false), (#""x":1"#, "pm/reply/op/2", true),
            (#""x":1"#, "pm/reply/cluster/claim", false), (#""x":1"#, "pm/a/response", false),
            // Either of them might be taken.
            (#""reply_to":"pm/reply/op/1""#, "pm/reply/other/1", false),
            (#""reply_to":"pm/reply/other/1""#, "pm/reply/op/1", false),
            // However it is spelt.
            (#""reply_\u0074o":"pm/reply/other/1""#, nil, false), (#""reply_to":"pm/repl\u0079/other/1""#, nil, false),
            (#""reply_to":"pm\/reply\/other\/1""#, nil, false), (#""x":"\"","reply_to" : "pm/b/response""#, nil, false),
            // What no agent answers to is the agent's to refuse, and what only looks like one is none.
            (#""reply_to":"pm/a/control""#, nil, true), (#""x":{"reply_to":"pm/reply/other/1"}"#, nil, true),
            (#""x":"\\\"reply_to\":\"pm/reply/other\"""#, nil, true),
        ] as [(String, String?, Bool)])
    func `a request is let through when who sends it may publish where its answer goes`(
        members: String, property: String?, isAllowed: Bool
    ) async throws {
        try await withBroker { broker, watcher, client in
            for topic in Self.controls {
                let request = #"{"host_name":"a","method":"get_health",\#(members),"args":{}}"#
                let code = try await client.publish(topic, request, properties: .init(responseTopic: property))
                #expect(code == (isAllowed ? 0 : 0x87), "\(topic)")
                try await watcher.settle()
                let seen = watcher.takeAll()
                let control = topic == "pm/hub/control" ? "pm/a/control" : topic
                #expect(seen.filter { $0.topic == control }.count == (isAllowed ? 1 : 0), "\(topic): \(seen)")
                let refusals = seen.filter { $0.topic != control && $0.topic != "pm/hub/response" }
                #expect(refusals.isEmpty, "nobody may be written to: \(refusals)")
                guard topic == "pm/hub/control", !isAllowed else { continue }
                let answer = try #require(seen.first { $0.topic == "pm/hub/response" }).value
                #expect(answer["result"]?["error"]?["code"] == "not_authorized")
            }
            if !isAllowed { #expect(broker.log.contains("hub: not authorized: user op, client me: get_health with")) }
        }
    }

    @Test func `an answer of the hub itself goes nowhere else either`() async throws {
        try await withBroker(.v311) { _, watcher, client in
            try await client.publish("pm/hub/control", #"{"list_hosts":{},"reply_to":"pm/reply/other/1","id":7}"#)
            let answer = try await watcher.next(on: "pm/hub/response").value
            #expect(answer == ["success": false, "error_message": "not authorized", "id": 7])
            try await client.publish("pm/hub/control", #"{"list_hosts":{},"reply_to":"pm/reply/op/1"}"#)
            #expect(try await watcher.next(on: "pm/reply/op/1").value["success"] == true)
            try await watcher.settle()
            #expect(watcher.messages.allSatisfy { $0.topic != "pm/reply/other/1" })
        }
    }
}
