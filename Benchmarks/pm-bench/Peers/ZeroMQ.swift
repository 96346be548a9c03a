/// A ZeroMQ client (a DEALER) over a Unix socket, after the wire protocol ZMTP 3.0 (rfc.zeromq.org/spec/23). The time
/// of circus's own client, a Python program, would be most of the measurement.
final class ZeroMQ {
    private let stream: ByteStream

    private static let more: UInt8 = 1
    private static let long: UInt8 = 2
    private static let command: UInt8 = 4

    init(_ path: String) throws {
        stream = try ByteStream(path)
        // Signature, version 3.0, mechanism NULL, not the server, filler.
        var greeting: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0]
        greeting += Array("NULL".utf8) + [UInt8](repeating: 0, count: 16 + 1 + 31)
        try stream.write(greeting)
        _ = try stream.read(greeting.count)
        let type = Array("DEALER".utf8)
        let ready = [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, UInt8(type.count)] + type
        try stream.write([Self.command, UInt8(ready.count)] + ready)
    }

    /// Sends a message of one frame and returns the last frame of the answer.
    func ask(_ message: [UInt8]) throws -> [UInt8] {
        try stream.write([Self.long] + Self.bytes(message.count) + message)
        while true {
            let flags = try stream.read(1)[0]
            let length = try stream.read(flags & Self.long == 0 ? 1 : 8).reduce(0) { $0 << 8 | Int($1) }
            let body = try stream.read(length)
            if flags & (Self.command | Self.more) == 0 { return body }
        }
    }

    /// A length as eight bytes, big-endian.
    private static func bytes(_ length: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
    }
}
