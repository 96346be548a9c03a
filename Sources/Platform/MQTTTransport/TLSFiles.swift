/// The TLS settings of a connection. All paths are of PEM files.
package struct TLSFiles: Equatable, Sendable {
    /// CA certificates to verify the broker's certificate; nil: the system's.
    package var authority: String?
    /// This client's certificate and private key, for brokers that ask for one; both or neither.
    package var certificate: String?
    package var key: String?

    /// The name that the broker's certificate must be valid for; nil: the host of the broker's URL.
    package var serverName: String?

    package init(authority: String? = nil, certificate: String? = nil, key: String? = nil, serverName: String? = nil) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
        self.serverName = serverName
    }
}
