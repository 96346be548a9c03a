import Glibc
import TestSupport
import Testing

/// Who is not let in, or not as whom he says he is.
@Suite(.serialized) struct IntruderTests {
    @Test func `nobody gets in without a name and its password, or without TLS`() async throws {
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

    @Test func `nobody takes the session of an agent but who may speak for it`() async throws {
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

    @Test func `nobody reads or writes what is the broker's own`() async throws {
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

    @Test func `passwords and keys are nowhere to be read`() async throws {
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
