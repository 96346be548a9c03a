import Glibc
import TestSupport
import Testing

/// Client ids of daemons, with a hub that guards them. `HostileTests` tests the hardened configuration that is shipped.
struct HubClientIDTests {
    private static let list = """
        user admin
        topic readwrite #
        user box
        topic readwrite pm/box/status
        user eve
        topic read pm/#
        """

    /// Runs the body with a broker with a TCP port for websockets and users with passwords equal to their names.
    private func withBroker(_ body: (Broker) async throws -> Void) async throws {
        var options = Broker.Options()
        options.configuration = { folder, port in
            try folder.write(Self.list, to: "acl")
            for user in ["admin", "box", "eve"] {
                let flags = user == "admin" ? ["-b", "-c"] : ["-b"]
                let command = ["/usr/bin/mosquitto_passwd"] + flags + ["\(folder.path)/passwords", user, user]
                let status = try ChildProcess(command, log: "\(folder.path)/log").wait()
                guard status == 0 else { throw TestError("mosquitto_passwd: \(folder.read("log"))") }
            }
            return """
                listener 0 \(folder.path)/b.sock
                listener \(port) 127.0.0.1
                protocol websockets
                allow_anonymous false
                password_file \(folder.path)/passwords
                acl_file \(folder.path)/acl
                plugin \(try Binaries.hubPlugin)
                plugin_opt_acl_file \(folder.path)/acl
                plugin_opt_guard_client_ids true
                log_dest stderr
                \(getuid() == 0 ? "user root" : "")

                """
        }
        try await TestSupport.withBroker(options, body)
    }

    @Test func `a daemon's id is guarded over websockets too, and can't be taken over with a wrong password`()
        async throws
    {
        try await withBroker { broker in
            var daemons: [TestClient] = []
            for (user, id) in [("admin", "pm-cluster-1"), ("box", "pm-agent-box"), ("admin", "pm-hub")] {
                daemons.append(
                    try await TestClient(host: broker.socket, port: 0, .init(id: id, user: user, password: user)))
            }
            for id in ["pm-cluster-1", "pm-agent-box", "pm-hub"] {
                for version in [UInt8(4), 5] {
                    for password in ["eve", "", "x"] {
                        let code = try WebSocket.connect(broker.port, version, id: id, user: "eve", password: password)
                        #expect(code == (version == 4 ? 5 : 0x87), "\(id)")
                    }
                    // The user that may use the id, but with a wrong password.
                    let code = try WebSocket.connect(broker.port, version, id: id, user: "admin", password: "eve")
                    #expect(code == (version == 4 ? 5 : 0x87), "\(id)")
                }
            }
            for daemon in daemons { #expect(daemon.isConnected) }
            #expect(try WebSocket.connect(broker.port, 5, id: "eve", user: "eve", password: "eve") == 0)
            // A user with the right to use the id takes it over.
            #expect(try WebSocket.connect(broker.port, 5, id: "pm-agent-box", user: "box", password: "box") == 0)
            try await daemons[1].disconnected()
        }
    }

    /// Other clients can read it because the hub has added it to a request.
    @Test func `an id that others can read is reserved for its user while the connection lasts`() async throws {
        try await withBroker { broker in
            func connect(_ user: String) async throws -> TestClient {
                try await TestClient(host: broker.socket, port: 0, .init(id: "pmctl-1", user: user, password: user))
            }
            let asker = try await connect("admin")
            // No request has revealed the id yet, so every user may use it.
            let other = try await connect("box")
            try await asker.disconnected()
            other.disconnect()
            let again = try await connect("admin")
            try await again.publish("pm/box/control", "{}")
            for user in ["box", "eve"] { await #expect(throws: TestError.self) { _ = try await connect(user) } }
            #expect(again.isConnected)
            let later = try await connect("admin")
            try await again.disconnected()
            try await later.publish("pm/box/control", "{}")
            later.disconnect()
            try await eventually("the id is free again") { (try? await connect("eve")) != nil }
        }
    }
}

/// The part of RFC 6455 that is needed for a CONNECT.
private enum WebSocket {
    /// - Returns: the reason code of the CONNACK.
    static func connect(_ port: UInt16, _ version: UInt8, id: String, user: String, password: String) throws -> Int {
        guard let descriptor = TCPSocket.connect(to: port) else { throw TestError("connect to \(port)") }
        defer { close(descriptor) }
        let hello = """
            GET /mqtt HTTP/1.1\r
            Host: 127.0.0.1\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Protocol: mqtt\r
            Sec-WebSocket-Version: 13\r
            \r\n
            """
        try send(Array(hello.utf8), descriptor)
        var answer: [UInt8] = []
        while !answer.suffix(4).elementsEqual([13, 10, 13, 10]) { answer += try receive(1, descriptor) }
        let properties: [UInt8] = version == 5 ? [0] : []
        let body =
            RawPacket.text("MQTT") + [version, 0xC2, 0, 60] + properties + RawPacket.text(id) + RawPacket.text(user)
            + RawPacket.text(password)
        let packet = [0x10] + RawPacket.length(body.count) + body
        // The mask is zero, so that the data need not be changed.
        try send(
            [0x82, 0x80 | 126, UInt8(packet.count >> 8), UInt8(packet.count & 0xFF), 0, 0, 0, 0] + packet, descriptor)
        let count = Int(try receive(2, descriptor)[1])
        let connack = try receive(count, descriptor)
        guard connack.count >= 4, connack[0] == 0x20 else { throw TestError("no CONNACK: \(connack)") }
        return Int(connack[3])
    }

    private static func send(_ bytes: [UInt8], _ descriptor: Int32) throws {
        guard bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
            throw TestError.system("write")
        }
    }

    private static func receive(_ count: Int, _ descriptor: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var byte: UInt8 = 0
            guard read(descriptor, &byte, 1) == 1 else { throw TestError("the broker ended the connection") }
            bytes.append(byte)
        }
        return bytes
    }
}
