/// The client that published a request, as the hub wrote it into the request. A broker does not tell receivers
/// otherwise.
package struct Requester: Equatable, Sendable {
    /// Nil for an anonymous client.
    package let user: String?
    package let client: String

    /// The MQTT 5 user properties that hold user and client id; the last one of each name counts.
    package static let userProperty = "pm-user"
    package static let clientProperty = "pm-client"

    package init(user: String?, client: String) {
        self.user = user
        self.client = client
    }
}
