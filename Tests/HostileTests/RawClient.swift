import Glibc
import TestSupport

/// Says anything at all to a broker, by TLS or without, and looks at nothing that comes back but its end.
final class RawClient: Sendable {
    private let process: ChildProcess
    private let folder: TemporaryFolder

    /// Sends the bytes and then nothing more; the connection stays.
    ///
    /// - Parameter bytes: sent through OpenSSL's own client, which shares no code with libmosquitto's.
    init(_ bytes: [UInt8], to fleet: SecureFleet) throws {
        folder = try TemporaryFolder()
        try folder.write(bytes, to: "bytes")
        let tls =
            "openssl s_client -quiet -CAfile \(fleet.authority.certificate) -connect 127.0.0.1:\(fleet.broker.port)"
        let script = "exec \(tls) < <(cat \(folder.path)/bytes; exec sleep 60)"
        process = try ChildProcess(["/bin/bash", "-c", script], log: "/dev/null")
    }

    /// Returns when the broker has ended the connection.
    func ended() async throws { try await eventually("the end of the connection") { !process.isRunning } }

    /// MQTT 3.1.1's CONNECT.
    static func hello(id: String, user: String, password: String) -> [UInt8] {
        let body = text("MQTT") + [4, 0xC2, 0, 60] + text(id) + text(user) + text(password)
        return packet(0x10, body)
    }

    static func text(_ text: String) -> [UInt8] {
        [UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 0xFF)] + text.utf8
    }

    static func packet(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type] + length(body.count) + body }

    static func length(_ count: Int) -> [UInt8] {
        var rest = count
        var bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }
}
