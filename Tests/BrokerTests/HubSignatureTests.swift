import TestSupport
import Testing

/// The requester that the hub adds to each request, for the audit logs of agents and pm-cluster.
struct HubSignatureTests {
    private static let list = """
        topic write pm/#
        user admin
        topic readwrite #
        user op
        topic write pm/#
        """

    @Test(arguments: ["pm/hub/control", "pm/a/control", "pm/cluster/node/control"], ["op", nil])
    func `user properties that name another requester are overridden`(topic: String, user: String?) async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.list, to: "acl")
        let lines = ["plugin_opt_acl_file \(folder.path)/acl", "acl_file \(folder.path)/acl"]
        try await withBroker(.init(hub: true, extra: lines)) { broker in
            let watcher = try await TestClient(broker, .init(user: "admin"))
            try await watcher.publish("pm/a/status", "online", retain: true)
            for filter in ["pm/a/control", "pm/cluster/node/control"] { try await watcher.subscribe(filter) }
            let liar = try await TestClient(broker, .init(id: "liar", user: user))
            let lies = [["pm-client", "pmctl-1"], ["pm-user", "admin"], ["x", "y"], ["pm-user", "root"]]
            for lie in [[], lies, Array(repeating: lies, count: 64).flatMap(\.self)] {
                let request = #"{"host_name":"a","method":"get_health"}"#
                #expect(try await liar.publish(topic, request, properties: .init(user: lie)) == 0)
                let seen = try await watcher.next { $0.topic.hasSuffix("/control") }.properties.user
                #expect(seen == lie + [["pm-user", user ?? ""], ["pm-client", "liar"]])
            }
        }
    }
}
