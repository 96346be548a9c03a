import Glibc

/// An MQTT 5 packet as bytes, because libmosquitto is slow with long lists of properties.
package struct RawPacket: Sendable {
    package let bytes: [UInt8]

    package init(_ type: UInt8, _ body: [UInt8]) { bytes = [type] + Self.length(body.count) + body }

    package static func connect(user: String? = nil) -> RawPacket {
        RawPacket(
            0x10, text("MQTT") + [5, user == nil ? 2 : 0x82, 0, 60, 0] + text("") + (user.map { text($0) } ?? []))
    }

    package static func text(_ text: String) -> [UInt8] {
        [UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 0xFF)] + text.utf8
    }

    package static func length(_ count: Int) -> [UInt8] {
        var rest = count
        var bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }

    /// A PUBLISH at QoS 1 with `count` user properties of 5 bytes each, the smallest possible size.
    package static func publish(_ topic: String, _ text: String, emptyProperties count: Int) -> RawPacket {
        let properties = Array(repeating: [0x26, 0, 0, 0, 0] as [UInt8], count: count).joined()
        return RawPacket(0x32, Self.text(topic) + [0, 1] + length(5 * count) + properties + text.utf8)
    }

    /// Sends the packets over a new connection and waits for a PUBACK.
    ///
    /// - Returns: the reason code of the PUBACK.
    package static func exchange(_ packets: [RawPacket], _ socket: String) async throws -> Int {
        try await offPool { try exchangeBlocking(packets, socket) }
    }

    private static func exchangeBlocking(_ packets: [RawPacket], _ socket: String) throws -> Int {
        guard let descriptor = UnixSocket.connect(to: socket) else { throw TestError("connect to \(socket)") }
        defer { close(descriptor) }
        for packet in packets {
            var rest = packet.bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { throw TestError.system("write") }
                rest = rest.dropFirst(count)
            }
        }
        while true {
            let type = try read(1, descriptor)[0]
            let body = try read(Int(try read(1, descriptor)[0]), descriptor)
            if type == 0x40 { return body.count > 2 ? Int(body[2]) : 0 }
        }
    }

    private static func read(_ count: Int, _ descriptor: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var chunk = [UInt8](repeating: 0, count: count - bytes.count)
            let result = Glibc.read(descriptor, &chunk, chunk.count)
            guard result > 0 else { throw TestError("the broker ended the connection") }
            bytes += chunk.prefix(result)
        }
        return bytes
    }
}
