/// What a TLS connection takes beside the broker's address; paths are of files in PEM.
package struct TLSFiles: Equatable, Sendable {
    /// Certificates of those who may vouch for the broker; nil is whom this machine trusts.
    package var authority: String?
    /// This client's certificate and its key, for brokers that ask for one; both or none.
    package var certificate: String?
    package var key: String?

    /// Whom the broker's certificate must be for; nil is the host that is connected to.
    package var serverName: String?

    package init(authority: String? = nil, certificate: String? = nil, key: String? = nil, serverName: String? = nil) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
        self.serverName = serverName
    }
}
