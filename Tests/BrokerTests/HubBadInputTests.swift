import JSONCodec
import TestSupport
import Testing

/// Malformed messages never stop the broker, and every malformed request is answered.
struct HubBadInputTests {
    private static let corpus: [(name: String, payload: [UInt8])] = [
        ("not JSON", Array("hello".utf8)),
        ("an array", Array(#"["host_name","alpha"]"#.utf8)),
        ("a string", Array(#""alpha""#.utf8)),
        ("a number", Array("17".utf8)),
        ("empty", []),
        ("spaces", Array("   ".utf8)),
        ("half an object", Array(#"{"host_name":"#.utf8)),
        (
            "300 KiB",
            Array(#"{"host_name":"ghost","x":""#.utf8) + Array(repeating: 65, count: 300 << 10) + Array(#""}"#.utf8)
        ),
        (
            "nesting 40",
            Array((#"{"x":"# + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "}").utf8)
        ),
        ("a hundred thousand brackets", Array(repeating: UInt8(ascii: "["), count: 100_000)),
        ("a duplicate key", Array(#"{"list_hosts":{},"list_hosts":{}}"#.utf8)),
        ("an escaped NUL", Array(#"{"list_hosts":{},"id":"a\u0000b"}"#.utf8)),
        ("a NUL", Array("{\"list_hosts\":{},\"id\":\"a\0b\"}".utf8)),
        ("a NUL in the name", Array("{\"host_name\":\"a\0b\"}".utf8)),
        ("invalid UTF-8", Array(#"{"list_hosts":{},"id":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)),
        ("invalid UTF-8 in the name", Array(#"{"host_name":""#.utf8) + [0xFF] + Array(#""}"#.utf8)),
        ("half a surrogate pair", Array(#"{"list_hosts":{},"id":"\ud800"}"#.utf8)),
        ("trailing text", Array(#"{"list_hosts":{}} {}"#.utf8)),
        ("two commands", Array(#"{"list_hosts":{},"stop_process":{"pid":1}}"#.utf8)),
        ("no command", Array("{}".utf8)),
        ("a wrong type", Array(#"{"list_hosts":[]}"#.utf8)),
        ("an id of a wrong type", Array(#"{"list_hosts":{},"id":[]}"#.utf8)),
        ("a timestamp of a wrong type", Array(#"{"list_hosts":{},"timestamp":{}}"#.utf8)),
        ("a huge number", Array(#"{"list_hosts":{},"id":1e999}"#.utf8)),
        ("a reply topic of a wrong type", Array(#"{"list_hosts":{},"reply_to":1}"#.utf8)),
        ("an unknown method", Array(#"{"method":"explode"}"#.utf8)),
    ]

    @Test(arguments: TestClient.Version.allCases)
    func `every malformed request is answered, and the broker keeps running`(version: TestClient.Version) async throws {
        try await Fleet.with(version: version) { fleet in
            for (name, payload) in Self.corpus {
                for qos in [0, 1] {
                    try await fleet.client.publish("pm/hub/control", payload, qos: qos)
                    let answer = try await fleet.client.next(on: "pm/hub/response")
                    let json = try answer.json
                    let error = json["error_message"]?.string ?? json["result"]?["error"]?["detail"]?.string
                    #expect(error?.isEmpty == false, "\(name)")
                    #expect(answer.payload.count < 8192, "\(name)")
                }
            }
            #expect(fleet.client.isConnected)
            #expect(try await fleet.answer(#"{"list_hosts":{}}"#).json["success"] == true)
        }
    }

    @Test func `unusual topics and statuses have no effect`() async throws {
        try await Fleet.with { fleet in
            let level = String(repeating: "x", count: 60_000)
            let topics = [
                "pm/", "pm//", "pm///control", "pm/hub", "pm/hub/", "pm/control", "pm/a/control/",
                "pm/\(level)/control",
                "pm/\(level)", "pm/ä/status", "pm/hub/status", "pm/a/process/", "pm/a/process/b/c",
                "pm/cluster/x/control", "pm/a/status/b", "pm", "p", "/", "pm/" + String(repeating: "/", count: 150),
            ]
            for topic in topics {
                for payload in ["", "online", "offline", "{}", level] {
                    try await fleet.client.publish(topic, payload)
                    try await fleet.client.publish(topic, payload, retain: true)
                }
            }
            for payload in ["", "on", "onlin\u{0}", "online ", "OFFLINE", level] {
                try await fleet.client.publish("pm/alpha/status", payload)
            }
            #expect(try await fleet.answer(#"{"list_hosts":{}}"#).json["list_hosts"]?["hosts"]?.array == [])
        }
    }

    @Test func `a hundred thousand bad requests leave nothing behind`() async throws {
        try await Fleet.with { fleet in
            let agent = try await fleet.agent("alpha")
            let bad = [
                "{", #"{"host_name":"ghost","stop_process":{"pid":1}}"#, #"{"host_name":"alpha/#","id":1}"#,
                #"{"node_id":"alpha","reply_to":"#,
            ]
            let good = Array(#"{"host_name":"alpha","stop_process":{"pid":1}}"#.utf8)
            func flood(_ rounds: Int) async throws {
                for _ in 0..<rounds {
                    for index in 0..<500 {
                        try fleet.client.send("pm/hub/control", Array(bad[index % bad.count].utf8))
                        try fleet.client.send("pm/hub/control", good)
                    }
                    try await fleet.client.settle()
                    try await agent.settle()
                    fleet.client.takeAll()
                    agent.takeAll()
                }
            }
            try await flood(20)
            let before = try fleet.broker.residentMemory
            try await flood(180)
            let after = try fleet.broker.residentMemory
            // If the hub did not free 90,000 topics of 32 bytes, the growth would be 2.9 MB.
            #expect(after - before < 1 << 20, "\(before) to \(after)")
            #expect(fleet.client.isConnected)
        }
    }
}
