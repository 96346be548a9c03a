/// This machine's own addresses. `localhost` is both: a server may listen at one alone, and `/etc/hosts` may lack one.
package enum Loopback {
    package static let addresses = ["127.0.0.1", "::1"]

    /// What to connect to, one after the other until one takes the connection, for a host by name or address.
    package static func alternatives(to host: String) -> [String] { isName(host) ? [host] + addresses : [host] }

    static func isName(_ host: String) -> Bool { host == "localhost" }
}
