import Glibc
import TestSupport
import Testing

/// Passwords that are changed while the fleet runs.
@Suite(.serialized) struct RenewalTests {
    @Test func `a new password is used at the next connect, and all processes keep running`() async throws {
        try await SecureFleet.with(connections: 2) { fleet in
            let created = try await fleet.ask("pm/cluster/node/control", .createNode("blue", host: "box"))
            #expect(created["result"]?["status"] == "success", "\(created)")
            func process(_ host: String, _ request: Request) async throws -> JSONValue? {
                try await fleet.ask("pm/\(host)/control", request)["result"]
            }
            var pids: [JSONValue?] = []
            for host in ["box", "blue"] {
                pids.append(try await process(host, .startProcess(.sleep("p")))?["pid"])
            }
            let configuration = fleet.agents[0].folder.read("state/nodes/blue/agent.json")
            #expect(configuration.contains("guests.password") && !configuration.contains(fleet.password("guests")))

            let eve = try await fleet.client("eve")
            let topics = ["pm/box/status", "pm/attic/status", "pm/blue/status", "pm/cluster/status"]
            for topic in topics { try await eve.subscribe(topic) }
            try await eve.settle(below: "pm/reply/eve")
            eve.takeAll()
            for user in [
                ["box", "agent"], ["attic", "agent"], ["guests", "guest", "blue", "red"], ["pm-cluster", "cluster"],
            ] {
                let old = fleet.password(user[0])
                try await fleet.renewPassword(of: user)
                #expect(fleet.password(user[0]) != old)
            }
            // The broker ends the connections of all users with a changed password, without publishing their wills.
            kill(fleet.broker.pid, SIGHUP)
            for topic in topics { _ = try await eve.next { $0.topic == topic && $0.text == "online" } }
            for (host, pid) in zip(["box", "blue"], pids) {
                let entry = try await process(host, .getProcess("p"))?["process"]
                #expect(pid != nil && entry?["pid"] == pid && entry?["state"] == "running")
            }
            let removal = #"{"method":"remove_node","args":{"node_id":"blue"}}"#
            #expect(try await fleet.ask("pm/cluster/node/control", removal)["result"]?["status"] == "success")
            _ = try await process("box", .killProcess("p"))
            _ = try await process("box", .removeProcess("p"))
        }
    }
}
