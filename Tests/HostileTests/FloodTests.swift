import Glibc
import TestSupport
import Testing

/// Oversized and malformed input, and clients that do not read.
@Suite(.serialized) struct FloodTests {
    private static let text = RawPacket.text
    private static func packet(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { RawPacket(type, body).bytes }

    /// Packets that libmosquitto would not send.
    private static let malformed: [(String, [UInt8])] = [
        ("another protocol", Array("GET / HTTP/1.1\r\n\r\n".utf8)), ("zeros", [UInt8](repeating: 0, count: 64)),
        ("ones", [UInt8](repeating: 0xFF, count: 64)),
        ("a length without an end", [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
        ("a length beyond all limits", [0x30, 0xFF, 0xFF, 0xFF, 0x7F]),
        ("a second CONNECT", packet(0x10, text("MQTT") + [4, 2, 0, 60] + text("x"))),
        ("a wrong protocol name", packet(0x10, text("MQTT\0") + [4, 2, 0, 60] + text("x"))),
        ("a future version", packet(0x10, text("MQTT") + [9, 2, 0, 60] + text("x"))),
        ("an id longer than its packet", packet(0x10, text("MQTT") + [4, 2, 0, 60, 0xFF, 0xFF])),
        ("a CONNECT of 200 kB", packet(0x10, text("MQTT") + [4, 2, 0, 60] + [UInt8](repeating: 65, count: 200_000))),
        ("a topic longer than its packet", packet(0x30, [0xFF, 0xFF, 65])), ("an empty topic", packet(0x30, [0, 0])),
        ("a topic that is a filter", packet(0x30, text("pm/+/control"))),
        ("a topic that is not UTF-8", packet(0x30, [0, 4, 0x70, 0x6D, 0xC0, 0x80])),
        ("a topic with a NUL", packet(0x30, text("pm/box/control\0"))),
        ("a topic of 60,000 levels", packet(0x30, text(String(repeating: "/", count: 60_000)))),
        ("QoS 3", packet(0x36, text("pm/box/control") + [0, 1])), ("packet id 0", packet(0x32, text("pm/x") + [0, 0])),
        ("a SUBSCRIBE without a filter", packet(0x82, [0, 1])),
        ("an invalid filter", packet(0x82, [0, 1] + text("pm/#/x") + [0])),
        ("a SUBSCRIBE at QoS 9", packet(0x82, [0, 1] + text("pm/#") + [9])), ("a reserved type", packet(0xF0, [])),
        ("reserved flags", packet(0x8F, [0, 1] + text("pm/#") + [0])),
        ("a PUBACK without a PUBLISH", packet(0x40, [0, 7])),
        ("a CONNACK", packet(0x20, [0, 0])),
    ]

    @Test func `malformed packets before and after a login do no harm`() async throws {
        try await SecureFleet.with { fleet in
            var clients: [RawClient] = []
            var strangers: [RawClient] = []
            for (index, (_, bytes)) in Self.malformed.enumerated() {
                let hello = RawClient.hello(id: "raw-\(index)", user: "eve", password: fleet.password("eve"))
                strangers.append(try RawClient(bytes, to: fleet))
                clients.append(try RawClient(hello + bytes, to: fleet))
                if index % 5 == 0 { _ = try await fleet.ask("pm/box/control", .call("get_health")) }
            }
            // The broker must close a connection that does not begin with a CONNECT. After a login it may keep it.
            for client in strangers { try await client.ended() }
            // The same without TLS.
            for (_, bytes) in Self.malformed {
                let socket = try #require(TCPSocket.connect(to: fleet.broker.port))
                #expect(send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
                close(socket)
            }
        }
    }

    @Test func `packets and requests that are too large are refused`() async throws {
        try await SecureFleet.with { fleet in
            let old = try await fleet.client("op", .init(version: .v311))
            _ = try? old.send("pm/box/control", [UInt8](repeating: 65, count: 8 << 20), qos: 1)
            try await old.disconnected()
            let new = try await fleet.client("op")
            #expect(throws: TestError.self) {
                try new.send("pm/box/control", [UInt8](repeating: 65, count: 8 << 20), qos: 1)
            }
            // Requests that the broker accepts and an agent must refuse.
            let eve = try await fleet.client("eve")
            for topic in ["pm/box/response", "pm/cluster/vm/response"] { try await eve.subscribe(topic) }
            try await eve.settle(below: "pm/reply/eve")
            eve.takeAll()
            let nested = String(repeating: "[", count: 100_000)
            let large = #"{"method":"get_health","x":""# + String(repeating: "A", count: 1 << 20) + #""}"#
            for control in ["pm/box/control", "pm/cluster/vm/control", "pm/hub/control"] {
                for request in [nested, large, #"{"host_name":"box","x":\#(nested)"#] {
                    try await new.publish(control, request)
                }
            }
            for topic in ["pm/box/response", "pm/cluster/vm/response"] {
                for _ in 0..<2 { _ = try await eve.next { $0.topic == topic && $0.text.contains("malformed_request") } }
            }
        }
    }

    /// A viewer subscribes and then stops reading, while more is published than the broker queues for one client.
    @Test func `a client that does not read costs the broker a bounded queue`() async throws {
        try await SecureFleet.with { fleet in
            let folder = try TemporaryFolder()
            try folder.write("-u eve\n-P \(fleet.password("eve"))\n", to: "mosquitto_sub")
            let sleeper = try ChildProcess(
                [
                    "/usr/bin/env", "XDG_CONFIG_HOME=\(folder.path)", "stdbuf", "-oL", "mosquitto_sub", "-h",
                    "127.0.0.1", "-p",
                    "\(fleet.broker.port)", "--cafile", fleet.authority.certificate, "-q", "1", "-i", "sleeper", "-t",
                    "pm/reply/op/#", "-d",
                ], log: "\(folder.path)/log")
            try await eventually("its subscription") { folder.read("log").contains("SUBACK") }
            sleeper.signal(SIGSTOP)
            let before = try fleet.broker.residentMemory
            let op = try await fleet.client("op")
            let text = [UInt8](repeating: 65, count: 64 << 10)
            for _ in 0..<30 {
                for _ in 0..<100 { try op.send("pm/reply/op/flood", text, qos: 1) }
                // Other clients are not affected.
                _ = try await fleet.ask("pm/box/control", .call("get_health"))
            }
            _ = try await op.publish("pm/reply/op/flood", text)
            let growth = try fleet.broker.residentMemory - before
            print("3,000 messages of 64 KiB: the broker grew by \(growth >> 20) MiB")
            #expect(growth < 128 << 20)
            sleeper.signal(SIGCONT)
        }
    }
}
