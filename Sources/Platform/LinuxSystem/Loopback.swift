/// The host's loopback addresses. `localhost` stands for both, because a server may listen on only one, and
/// `/etc/hosts` may lack one.
package enum Loopback {
    package static let addresses = ["127.0.0.1", "::1"]

    static func isName(_ host: String) -> Bool { host == "localhost" }
}
