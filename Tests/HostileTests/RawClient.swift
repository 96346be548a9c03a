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
        let body = RawPacket.text("MQTT") + [4, 0xC2, 0, 60] + [id, user, password].flatMap(RawPacket.text)
        return RawPacket(0x10, body).bytes
    }
}
