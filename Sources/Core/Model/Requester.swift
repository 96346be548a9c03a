/// Who has published a request, as the hub has written on it: a broker tells nobody else.
package struct Requester: Equatable, Sendable {
    /// Nil for one without a name.
    package let user: String?
    package let client: String

    /// The MQTT 5 user properties that hold them; the last of each counts.
    package static let userProperty = "pm-user"
    package static let clientProperty = "pm-client"

    package init(user: String?, client: String) {
        self.user = user
        self.client = client
    }
}
