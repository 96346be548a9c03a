import Glibc
import TestSupport

/// Sends arbitrary bytes to a broker over TLS and ignores everything that comes back except the end of the connection.
final class RawClient: Sendable {
    private let process: ChildProcess
    private let folder: TemporaryFolder

    /// Sends the bytes and then keeps the connection open.
    ///
    /// - Parameter bytes: sent with `openssl s_client`, which shares no code with libmosquitto.
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

    /// An MQTT 3.1.1 CONNECT.
    static func hello(id: String, user: String, password: String) -> [UInt8] {
        let body = RawPacket.text("MQTT") + [4, 0xC2, 0, 60] + [id, user, password].flatMap(RawPacket.text)
        return RawPacket(0x10, body).bytes
    }
}
