/// The host's loopback addresses. `localhost` stands for both, because a server may listen on only one, and
/// `/etc/hosts` may lack one.
package enum Loopback {
    package static let addresses = ["127.0.0.1", "::1"]

    /// The addresses to try for a host name or address, one after the other until one accepts the connection.
    package static func alternatives(to host: String) -> [String] { isName(host) ? [host] + addresses : [host] }

    static func isName(_ host: String) -> Bool { host == "localhost" }
}
