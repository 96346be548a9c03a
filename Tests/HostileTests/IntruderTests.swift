import Glibc
import TestSupport
import Testing

/// Attackers who try to connect without a password, or under the client id of another client.
@Suite(.serialized) struct IntruderTests {
    @Test func `no client connects without a name and its password, or without TLS`() async throws {
        try await SecureFleet.with { fleet in
            let op = fleet.password("op")
            let wrong: [(String?, String?)] = [
                (nil, nil), ("op", nil), ("op", ""), ("op", "x"), ("op", fleet.password("eve")), ("nobody", op),
                ("", op),
                ("OP", op), ("op ", op), ("op\n", op), ("+", op), ("#", op), ("%u", op), ("op", op + "x"),
                ("op:x", op), ("box/../op", op),
            ]
            for (user, password) in wrong {
                await #expect(throws: TestError.self, "\(user ?? "-")") {
                    _ = try await TestClient(
                        host: "127.0.0.1", port: fleet.broker.port,
                        .init(user: user, password: password, authority: fleet.authority.certificate))
                }
            }
            await #expect(throws: TestError.self) {
                _ = try await TestClient(
                    host: "127.0.0.1", port: fleet.broker.port, .init(user: "op", password: op))
            }
        }
    }

    @Test func `only a user that may publish for a host can use the client id of its agent`() async throws {
        try await SecureFleet.with { fleet in
            let id = "pm-agent-attic"
            for user in ["op", "eve", "guests", "box"] {
                for version in TestClient.Version.allCases {
                    await #expect(throws: TestError.self, "\(user)") {
                        _ = try await fleet.client(user, .init(id: id, version: version))
                    }
                }
            }
            let line = "hub: not authorized: user eve, client \(id): client id of another host's agent"
            #expect(fleet.broker.log.contains(line))
        }
    }

    /// The hub and agents see pm-cluster's client id on every request, and so does every user that may read them.
    @Test func `no other user can end pm-cluster's connection with its client id`() async throws {
        try await SecureFleet.with { fleet in
            let eve = try await fleet.client("eve")
            try await eve.subscribe("pm/#")
            let answer = try await fleet.ask("pm/cluster/node/control", .createNode("blue"))
            #expect(answer["result"]?["status"] == "success", "\(answer)")
            let asked = try await eve.next { message in
                message.topic.hasSuffix("/control") && message.properties.user.contains(["pm-user", "pm-cluster"])
            }
            let id = try #require(asked.properties.user.last { $0.first == "pm-client" }?.last)
            #expect(id.hasPrefix("pm-cluster-"))
            for user in ["op", "eve", "guests", "box"] {
                for password in [fleet.password(user), "", nil] {
                    for version in TestClient.Version.allCases {
                        await #expect(throws: TestError.self, "\(user)") {
                            _ = try await TestClient(
                                host: "127.0.0.1", port: fleet.broker.port,
                                .init(
                                    id: id, version: version, user: user, password: password,
                                    authority: fleet.authority.certificate))
                        }
                    }
                }
            }
            // Messages and topics of pm-cluster do not contain its client id.
            try await eve.settle(below: "pm/reply/eve")
            #expect(!eve.messages.contains { $0.topic.contains(id) || $0.text.contains(id) })
            let removal = #"{"method":"remove_node","args":{"node_id":"blue"}}"#
            #expect(try await fleet.ask("pm/cluster/node/control", removal)["result"]?["status"] == "success")
            #expect(fleet.cluster.log.split(separator: "connected to mqtts").count == 2, "\(fleet.cluster.log)")
        }
    }

    @Test func `client ids that begin like a daemon's need the right to publish that daemon's status`() async throws {
        let ids = [
            "pm-cluster", "pm-cluster-", "pm-cluster-x", "pm-cluster-x-y", "pm-hub", "pm-hub-1", "pm-gateway-x", "pm-",
            "pm-agent", "pm-agent-", "pm-agent-hub", "pm-agent-cluster", "pm-agent-eve/..", "pm-agent-+", "pm-agent-#",
            "pm-+", "pm-#", "pm-%u", "pm-cluster/status", "pm-/", "pm-eve", "pm-agent-eve",
            "pm-agent-\(String(repeating: "a", count: 64))",
        ]
        try await SecureFleet.with { fleet in
            for id in ids {
                await #expect(throws: TestError.self, "\(id)") { _ = try await fleet.client("eve", .init(id: id)) }
            }
            for id in ["PM-CLUSTER-x", "pmctl-x", "xpm-cluster", "pm", "Pm-cluster"] {
                _ = try await fleet.client("eve", .init(id: id))
            }
            for id in ["pm-cluster", "pm-cluster-x", "pm-gateway-x"] {
                _ = try await fleet.client("pm-cluster", .init(id: id))
            }
            // pm-cluster may not use the hub's client id either.
            await #expect(throws: TestError.self) { _ = try await fleet.client("pm-cluster", .init(id: "pm-hub")) }
        }
    }

    @Test func `no client reads or writes the broker's own topics`() async throws {
        try await SecureFleet.with { fleet in
            for user in ["op", "box", "pm-cluster"] {
                let client = try await fleet.client(user)
                for topic in [
                    "$CONTROL/dynamic-security/v1", "$CONTROL/x", "$SYS/broker/version", "$share/x/pm/box/control",
                ] {
                    let code = try? await client.publish(topic, #"{"commands":[{"command":"listClients"}]}"#)
                    #expect(code ?? 0x87 >= 0x80, "\(user) on \(topic): \(code ?? -1)")
                    guard client.isConnected else { break }
                }
            }
            let op = try await fleet.client("op")
            for filter in ["$SYS/#", "$CONTROL/#"] { try? await op.subscribe(filter) }
            try await op.settle(below: "pm/reply/op")
            #expect(op.messages.isEmpty)
        }
    }

    @Test func `passwords do not occur in logs, retained messages or command lines`() async throws {
        try await SecureFleet.with { fleet in
            let secrets = SecureFleet.users.map { fleet.password($0[0]) }
            var places = [fleet.broker.log, fleet.cluster.log] + fleet.agents.map(\.log)
            places += try await fleet.retained().values.map(\.text)
            let workers = try fleet.agents.map { try #require($0.worker?.pid) }
            let pids = [Int(fleet.broker.pid), fleet.cluster.pid] + fleet.agents.map(\.pid) + workers
            places += pids.map { SystemProcess($0).arguments.joined(separator: " ") }
            #expect(!places.contains(""))
            for place in places { #expect(!secrets.contains { place.contains($0) }) }
        }
    }
}
