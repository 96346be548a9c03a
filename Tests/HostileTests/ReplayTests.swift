import Glibc
import TestSupport
import Testing

/// Repeated, outdated and retained requests, and requests as wills.
@Suite(.serialized) struct ReplayTests {
    private static func start(_ more: String) -> String {
        #"{"method":"start_process","args":{"config":{"command":"sleep 1000"}}\#(more)}"#
    }

    @Test func `a captured request is refused from a viewer, and not carried out twice`() async throws {
        try await SecureFleet.with { fleet in
            let eve = try await fleet.client("eve")
            try await eve.subscribe("pm/box/control")
            let op = try await fleet.client("op")
            try await op.subscribe("pm/reply/op/r")
            let request = Self.start(#","id":"only once","timestamp":\#(time(nil)),"reply_to":"pm/reply/op/r""#)
            try await op.publish("pm/box/control", request)
            let first = try await op.next(on: "pm/reply/op/r").value
            let pid = try #require(first["result"]?["pid"]?.integer)
            let captured = try await eve.next(on: "pm/box/control")
            #expect(try await eve.publish("pm/box/control", captured.payload) == 0x87)
            for _ in 0..<5 {
                try await op.publish("pm/box/control", captured.payload)
                #expect(try await op.next(on: "pm/reply/op/r").value == first)
            }
            let processes = try await fleet.ask("pm/box/control", .call("get_processes"))
            #expect(processes["result"]?["process"]?.array?.count == 1)
            try await fleet.end("box", pid)
        }
    }

    @Test func `a request that is too old is not carried out`() async throws {
        try await SecureFleet.with { fleet in
            let op = try await fleet.client("op")
            try await op.subscribe("pm/reply/op/r")
            for (number, age) in [61, 3600, 1_000_000_000].enumerated() {
                let time = "\(time(nil) - age)"
                for stamp in [time, "\"\(time)\""] {
                    let more = #","timestamp":\#(stamp),"id":"\#(number)\#(stamp.count)","reply_to":"pm/reply/op/r""#
                    try await op.publish("pm/box/control", Self.start(more))
                    let answer = try await op.next(on: "pm/reply/op/r").value
                    #expect(answer["result"]?["error"]?["code"] == "expired", "\(answer)")
                }
            }
        }
    }

    @Test func `no request is retained on a control topic`() async throws {
        try await SecureFleet.with { fleet in
            for user in ["eve", "box", "guests"] {
                let client = try await fleet.client(user)
                for topic in ["pm/attic/control", "pm/hub/control", "pm/cluster/vm/control"] {
                    #expect(try await client.publish(topic, Self.start(""), retain: true) == 0x87)
                    #expect(try await client.publish(topic, "", retain: true) == 0x87)
                }
            }
            // An operator's request is carried out once and not retained.
            let op = try await fleet.client("op")
            try await op.publish("pm/box/control", #"{"method":"get_health"}"#, retain: true)
            #expect(try await fleet.retained()["pm/box/control"] == nil)
        }
    }

    @Test func `a will is not published on a topic that its client may not publish on`() async throws {
        try await SecureFleet.with { fleet in
            let topics = ["pm/attic/control", "pm/hub/control", "pm/cluster/node/control", "pm/attic/status"]
            let forgedStatus = "offline by will"
            let watcher = try await fleet.client("pm-cluster")
            for topic in topics { try await watcher.subscribe(topic) }
            try await watcher.settle(below: "pm/reply/test")
            watcher.takeAll()
            for user in ["eve", "box", "guests"] {
                for (topic, isRetained) in topics.flatMap({ [($0, true), ($0, false)] }) {
                    // Not `offline`, which the will of a real agent says when it loses its connection on a busy host.
                    let text = topic.hasSuffix("status") ? forgedStatus : Self.start(#","host_name":"attic""#)
                    try await fleet.client(user, .init(will: Message(topic, text, isRetained: isRetained))).kill()
                }
            }
            // The broker publishes these wills before that of a client that is killed later.
            let inbox = "pm/reply/op/will"
            try await watcher.subscribe(inbox)
            try await fleet.client("op", .init(will: Message(inbox, "the last"))).kill()
            _ = try await watcher.next(on: inbox)
            try await watcher.settle(below: "pm/reply/test")
            let wills = watcher.messages.filter { !$0.topic.hasSuffix("status") || $0.text == forgedStatus }
            #expect(wills.isEmpty, "\(wills)")
        }
    }

    /// An operator may send requests, so his will may be one. It must not be carried out again because it is retained.
    @Test func `an operator's retained will is carried out once at most`() async throws {
        try await SecureFleet.with { fleet in
            let eve = try await fleet.client("eve")
            try await eve.subscribe("pm/box/response")
            let will = Message("pm/box/control", #"{"method":"get_processes","id":"will"}"#, isRetained: true)
            try await fleet.client("op", .init(will: will)).kill()
            _ = try await eve.next { $0.text.contains(#""will""#) }
            try await eve.settle(below: "pm/reply/eve")
            eve.takeAll()
            let late = try await fleet.client("box")
            try await late.subscribe("pm/box/control")
            #expect(try await late.next(on: "pm/box/control").isRetained)
            try await fleet.client("op").publish("pm/box/control", "", retain: true)
            #expect(try await fleet.retained()["pm/box/control"] == nil)
        }
    }
}
