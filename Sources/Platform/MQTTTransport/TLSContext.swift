import CTLS
import LinuxSystem

/// Wraps OpenSSL (target CTLS): a session's CA certificates and client certificate, and why a handshake failed.
final class TLSContext {
    private let tls: OpaquePointer
    private let files: TLSFiles

    /// Nil only if memory has run out.
    init?(host: String, files: TLSFiles) {
        guard let tls = pm_tls_new(host) else { return nil }
        self.tls = tls
        self.files = files
    }

    deinit { pm_tls_free(tls) }

    /// The SSL_CTX for libmosquitto, which takes a reference of its own.
    var context: UnsafeMutableRawPointer? { pm_tls_context(tls) }

    /// Reads the files again, so that renewed certificates are used from the next connect on.
    ///
    /// - Returns: nil, or what is wrong with them.
    func load() -> String? {
        pm_tls_reset(tls)
        switch Int(pm_tls_load(tls, files.authority, files.certificate, files.key)) {
        case 0: return nil
        case PM_TLS_CERTIFICATE: return Self.unusable(files.certificate, "a certificate")
        case PM_TLS_KEY: return Self.unusable(files.key, "a key")
        case PM_TLS_KEY_MISMATCH:
            return "the key in \(files.key ?? "") does not belong to the certificate in \(files.certificate ?? "")"
        default:
            guard files.authority != nil else { return "the system's CA store can't be loaded" }
            return Self.unusable(files.authority, "CA certificates")
        }
    }

    private static func unusable(_ file: String?, _ what: String) -> String {
        guard let file else { return "no file is set for \(what)" }
        if let error = FileSystem.readingError(of: file) { return "\(file): \(error.reason)" }
        return "\(file) does not hold \(what) in PEM"
    }

    /// Why the latest handshake failed: the verification error, or the broker's TLS alert; nil if there was neither.
    var failure: String? {
        if let refusal = pm_tls_verify_error(tls) {
            let text = "the broker's certificate is refused: \(String(cString: refusal).lowercased())"
            if pm_tls_verify_error_is_nameless(tls) != 0 { return text + Self.namelessHint }
            return pm_tls_verify_error_is_validity(tls) != 0 ? "\(text)\(Self.clockHint)" : text
        }
        if let other = pm_tls_other_protocol(tls) { return "what answers speaks \(String(cString: other)), not TLS" }
        return pm_tls_peer_alert(tls).map { "the broker refused the handshake: \(String(cString: $0))" }
    }

    /// Whether the latest handshake has ended well.
    var isEstablished: Bool { pm_tls_is_established(tls) != 0 }

    /// The reason to give if the broker closed the connection during a handshake without an alert.
    var silentEnd: String {
        guard pm_tls_has_answer(tls) != 0 else {
            return "the broker ended the connection before a TLS handshake: is it a port for TLS? (mqtt:// is without)"
        }
        return "the broker ended the handshake: it may want "
            + (files.certificate == nil ? "a certificate" : "another certificate")
    }

    /// Old certificates have the host name in their subject only.
    private static let namelessHint =
        " (it has no subject alternative name of a host, and its common name does not count)"

    /// The clock of a host without a battery starts in 1970 and is wrong until it is set.
    private static var clockHint: String {
        let beginOf2020 = 1_577_836_800.0
        return WallClock.now < beginOf2020 ? " (this host's clock says it is before 2020)" : ""
    }
}
