import CTLS
import Glibc

/// The fence around OpenSSL: whom a session trusts, who it is itself, and why a handshake failed.
final class TLSContext {
    private let tls: OpaquePointer
    private let files: TLSFiles

    /// Nil only when memory has run out.
    init?(host: String, files: TLSFiles) {
        guard let tls = pm_tls_new(host) else { return nil }
        self.tls = tls
        self.files = files
    }

    deinit { pm_tls_free(tls) }

    /// For libmosquitto, which counts its own use of it.
    var context: UnsafeMutableRawPointer? { pm_tls_context(tls) }

    /// Reads the files anew: whoever renews certificates need only put them in place.
    ///
    /// - Returns: nil, or what is wrong with them.
    func load() -> String? {
        pm_tls_reset(tls)
        switch Int(pm_tls_load(tls, files.authority, files.certificate, files.key)) {
        case 0: return nil
        case PM_TLS_CERTIFICATE: return Self.unusable(files.certificate, "a certificate")
        case PM_TLS_KEY: return Self.unusable(files.key, "a key")
        case PM_TLS_KEY_MISMATCH:
            return "the key in \(files.key ?? "") is not that of the certificate in \(files.certificate ?? "")"
        default: return Self.unusable(files.authority ?? "this machine's store", "certificates to trust")
        }
    }

    private static func unusable(_ file: String?, _ what: String) -> String {
        guard let file else { return "there is no file of \(what)" }
        if access(file, R_OK) != 0 { return "\(file): \(String(cString: strerror(errno)).lowercased())" }
        return "\(file) does not hold \(what) in PEM"
    }

    /// Why the latest handshake failed, when it was for a certificate.
    var failure: String? {
        if let refusal = pm_tls_verify_error(tls) {
            let text = "the broker's certificate is refused: \(String(cString: refusal).lowercased())"
            if pm_tls_verify_error_is_nameless(tls) != 0 { return text + Self.namelessHint }
            return pm_tls_verify_error_is_validity(tls) != 0 ? "\(text)\(Self.clockHint)" : text
        }
        return pm_tls_peer_alert(tls).map { "the broker refused the handshake: \(String(cString: $0))" }
    }

    /// For a handshake that the broker ended without saying why.
    var silentEnd: String {
        "the broker ended the handshake: it may want "
            + (files.certificate == nil ? "a certificate" : "another certificate")
    }

    /// Certificates of old have the name in their subject alone.
    private static let namelessHint =
        " (it has no subject alternative name of a host, and its common name does not count)"

    /// A machine without a battery begins in 1970, and knows no better until somebody tells it.
    private static var clockHint: String {
        let beginOf2020 = 1_577_836_800
        return time(nil) < beginOf2020 ? " (this machine's clock says it is before 2020)" : ""
    }
}
