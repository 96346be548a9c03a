import TestSupport
import Testing

/// The rights of agents in nodes and VMs.
@Suite(.serialized) struct GuestTests {
    @Test func `a node has its own rights and not those of its host`() async throws {
        try await SecureFleet.with { fleet in
            let created = try await fleet.ask("pm/cluster/node/control", .createNode("blue", host: "box"))
            #expect(created["result"]?["status"] == "success", "\(created)")
            let run = #"{"node_id":"blue","config":{"name":"web","command":"sleep 1000"}}"#
            let started = try await fleet.ask(
                "pm/cluster/node/control", #"{"method":"run_process_on_node","args":\#(run)}"#)
            #expect(started["result"]?["status"] == "success", "\(started)")
            let file = TemporaryFolder.text(of: "\(fleet.agents[0].stateDirectory)/nodes/blue/agent.json")
            #expect(file.contains("guests.password"))
            for user in ["guests", "box"] { #expect(!file.contains(fleet.password(user))) }
            #expect(fleet.broker.log.contains("as pm-agent-blue (p5, c1, k20, u'guests')"))

            // An attacker who has broken into the node has these rights and tries to use others.
            let guest = try await fleet.client("guests", .init(id: "pm-agent-red"))
            try await guest.subscribe("pm/#")
            let request = #"{"method":"get_processes"}"#
            for topic in ["pm/box/control", "pm/blue/control", "pm/hub/control", "pm/cluster/node/control"] {
                #expect(try await guest.publish(topic, request) == 0x87)
            }
            _ = try await fleet.ask("pm/box/control", request)
            try await guest.settle(below: "pm/red/process")
            #expect(guest.messages.allSatisfy { $0.topic.hasPrefix("pm/blue/") || $0.topic.hasPrefix("pm/red/") })

            let removed = try await fleet.ask("pm/cluster/node/control", .removeNode("blue"))
            #expect(removed["result"]?["status"] == "success", "\(removed)")
        }
    }
}
