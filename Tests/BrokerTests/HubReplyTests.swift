import TestSupport
import Testing

/// To which topics answers may be sent, in a broker with an ACL file.
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

    /// Runs the body with a broker, a client with all rights that receives the requests, and a requester with few
    /// rights.
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
            // The agent might use either of them.
            (#""reply_to":"pm/reply/op/1""#, "pm/reply/other/1", false),
            (#""reply_to":"pm/reply/other/1""#, "pm/reply/op/1", false),
            // In any spelling.
            (#""reply_\u0074o":"pm/reply/other/1""#, nil, false), (#""reply_to":"pm/repl\u0079/other/1""#, nil, false),
            (#""reply_to":"pm\/reply\/other\/1""#, nil, false), (#""x":"\"","reply_to" : "pm/b/response""#, nil, false),
            // Topics on which no agent answers are left to the agent to refuse; text that only looks like the member
            // does not count.
            (#""reply_to":"pm/a/control""#, nil, true), (#""x":{"reply_to":"pm/reply/other/1"}"#, nil, true),
            (#""x":"\\\"reply_to\":\"pm/reply/other\"""#, nil, true),
        ] as [(String, String?, Bool)])
    func `a request is routed if its sender may publish on its reply topic`(
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
                #expect(refusals.isEmpty, "published elsewhere: \(refusals)")
                guard topic == "pm/hub/control", !isAllowed else { continue }
                let answer = try #require(seen.first { $0.topic == "pm/hub/response" }).value
                #expect(answer["result"]?["error"]?["code"] == "not_authorized")
            }
            if !isAllowed { #expect(broker.log.contains("hub: not authorized: user op, client me: get_health with")) }
        }
    }

    @Test func `the hub's own answers follow the same rule`() async throws {
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
