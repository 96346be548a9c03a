import Glibc
import TestSupport
import Testing

/// An ACL of an earlier version, which lacks rights that agents need now.
@Suite(.serialized) struct RightsTests {
    @Test(arguments: [
        ("topic write pm/box/event\n", "the broker refuses what goes to pm/box/event: not authorized; see its ACL"),
        (
            "topic readwrite pm/box/health\n",
            "the agent does not get its own messages on pm/box/health: it may not read them; see the broker's ACL"
        ),
    ])
    func `a right that the agent lacks is a health reason, and in the log`(right: String, reason: String) async throws {
        try await SecureFleet.with(connections: 3) { fleet in
            let eve = try await fleet.client("eve")
            for topic in ["pm/box/health", "pm/box/status", "pm/attic/status"] { try await eve.subscribe(topic) }
            func isHealth(_ reasons: JSONValue) async throws {
                _ = try await eve.next { $0.topic == "pm/box/health" && (try? $0.value)?["reasons"] == reasons }
            }
            let written = right.contains("readwrite") ? "topic write pm/box/health\n" : ""
            try fleet.change { $0.replacing(right, with: written) }
            try await reconnect(fleet, eve)
            try await isHealth([.string(reason)])
            #expect(fleet.agents[0].log.contains(reason))
            try fleet.change { acl in
                written.isEmpty
                    ? acl.replacing("topic write pm/box/audit\n", with: "topic write pm/box/audit\n" + right)
                    : acl.replacing(written, with: right)
            }
            try await reconnect(fleet, eve)
            try await isHealth([])
        }
    }

    /// Makes the agents connect again, and so find out their rights.
    private func reconnect(_ fleet: SecureFleet, _ eve: TestClient) async throws {
        for (agent, host) in zip(fleet.agents, SecureFleet.hosts) {
            agent.signal(SIGHUP)
            for status in ["offline", "online"] {
                _ = try await eve.next { $0.topic == "pm/\(host)/status" && $0.text == status }
            }
        }
    }
}
