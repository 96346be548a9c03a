/// An HTTP proxy that connects clients to servers (CONNECT, RFC 9110 section 9.3.6).
package struct HTTPProxy: Equatable, Sendable {
    /// `http://host:port` or `https://host:port`, without credentials.
    package var url: String
    package var user: String?
    /// An absolute path. The file's first line is the password, which each connect reads again.
    package var passwordFile: String?
    /// Hosts that are connected to directly, with commas between them: names, domains, addresses and networks.
    package var exceptions: String?

    /// - Throws: if the URL is none of a proxy, or holds credentials.
    init(_ url: String, user: String?, passwordFile: String?, exceptions: String?) throws(BrokerSettingsError) {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw BrokerSettingsError("proxy must begin with http:// or https://")
        }
        guard !url.contains("@") else {
            throw BrokerSettingsError("proxy must not hold credentials: use proxy_user and proxy_password_file")
        }
        guard passwordFile == nil || user != nil else {
            throw BrokerSettingsError("proxy_password_file is set, but no proxy_user")
        }
        (self.url, self.user, self.passwordFile, self.exceptions) = (url, user, passwordFile, exceptions)
    }
}
