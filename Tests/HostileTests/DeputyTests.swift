import TestSupport
import Testing

/// Attacks through a deputy: an attacker lets the hub, an agent or pm-cluster do what he is not authorized to do.
@Suite(.serialized) struct DeputyTests {
    private static let start = #""start_process":{"path":"/bin/sleep","args":["1000"]}"#

    @Test func `the broker denies requests to the hub from users without that right`() async throws {
        try await SecureFleet.with { fleet in
            let op = try await fleet.client("op")
            try await op.subscribe("pm/hub/response")
            for user in ["eve", "box", "guests"] {
                let client = try await fleet.client(user)
                for name in [#""host_name":"attic""#, #""node_id":"attic""#, #""host_n\u0061me":"att\u0069c""#] {
                    let code = try await client.publish("pm/hub/control", "{\(name),\(Self.start)}")
                    #expect(code == 0x87)
                }
            }
            try await op.settle(below: "pm/reply/op")
            #expect(op.messages.allSatisfy { $0.topic != "pm/hub/response" })
        }
    }

    /// The ACL permits a user to send requests to the hub and to one host, but not to the other host.
    @Test func `the hub refuses requests that the ACL refuses, and logs them`() async throws {
        try await SecureFleet.with { fleet in
            try fleet.change { $0 + "\nuser eve\ntopic write pm/hub/control\ntopic write pm/box/control\n" }
            let eve = try await fleet.client("eve")
            try await eve.subscribe("pm/reply/eve/#")
            try await eventually("the new ACL") {
                try await eve.publish("pm/box/control", #"{"method":"get_health"}"#) == 0
            }
            for (host, code) in [("box", nil), ("attic", "not_authorized")] as [(String, String?)] {
                try await eve.publish(
                    "pm/hub/control",
                    #"{"host_name":"\#(host)","method":"get_processes","reply_to":"pm/reply/eve/\#(host)"}"#)
                let answer = try await eve.next(on: "pm/reply/eve/\(host)").value
                #expect(answer["result"]?["error"]?["code"]?.string == code, "\(answer)")
            }
            #expect(fleet.broker.log.contains("hub: not authorized: user eve, client test-"))
            #expect(fleet.broker.log.contains(": get_processes on attic"))
        }
    }

    private static let targets = [
        "pm/attic/response", "pm/box/response", "pm/hub/response", "pm/cluster/node/response", "pm/reply/cluster/claim",
        "pm/reply/eve/x", "pm/reply/x", "elsewhere", "x/response",
    ]

    @Test(arguments: [TestClient.Version.v311, .v5])
    func `no answer goes to a topic that the requester may not publish on`(version: TestClient.Version) async throws {
        try await SecureFleet.with { fleet in
            let eve = try await fleet.client("eve")
            for filter in ["pm/+/response", "pm/reply/#", "pm/cluster/+/response"] { try await eve.subscribe(filter) }
            let op = try await fleet.client("op", .init(version: version))
            for target in Self.targets {
                for control in ["pm/box/control", "pm/hub/control", "pm/cluster/node/control"] {
                    let request = #"{"host_name":"box","method":"get_health","id":"deputy","reply_to":"\#(target)"}"#
                    let code = try await op.publish(control, request)
                    #expect(code == (version == .v5 ? 0x87 : 0))
                    guard version == .v5 else { continue }
                    let plain = #"{"host_name":"box","method":"get_health","id":"deputy"}"#
                    #expect(try await op.publish(control, plain, properties: .init(responseTopic: target)) == 0x87)
                }
            }
            _ = try await fleet.ask("pm/cluster/node/control", .call("get_nodes"))
            _ = try await fleet.ask("pm/box/control", .call("get_processes"))
            try await eve.settle(below: "pm/reply/eve")
            // The hub answers on its own response topic that it refuses.
            let answers = eve.messages.filter { $0.text.contains("deputy") }
            #expect(answers.allSatisfy { $0.topic == "pm/hub/response" && $0.text.contains("not_authorized") })
            #expect(!answers.isEmpty)
        }
    }

    /// The operator may publish on some of these topics himself, so it is the agent that must refuse.
    @Test func `an agent sends no answer to a control, status or foreign topic`() async throws {
        try await SecureFleet.with { fleet in
            let op = try await fleet.client("op")
            let eve = try await fleet.client("eve")
            for filter in ["pm/box/response", "pm/attic/#"] { try await eve.subscribe(filter) }
            for target in [
                "pm/attic/control", "pm/hub/control", "pm/attic/status", "$CONTROL/x", "pm/+/response", "pm/#",
            ] {
                try await op.publish("pm/box/control", #"{"id":"x1","reply_to":"\#(target)",\#(Self.start)}"#)
                let answer = try await eve.next { $0.topic == "pm/box/response" && $0.text.contains("x1") }.value
                #expect(answer["start_process"]?["success"] == false || answer["success"] == false, "\(answer)")
            }
            try await eve.settle(below: "pm/reply/eve")
            #expect(eve.messages.allSatisfy { !$0.text.contains("x1") })
        }
    }
}
