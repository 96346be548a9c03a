/// Who has published a request, as the hub has written on it: a broker tells nobody else.
package struct Requester: Equatable, Sendable {
    /// Nil for one without a name.
    package let user: String?
    package let client: String

    package init(user: String?, client: String) {
        self.user = user
        self.client = client
    }
}
