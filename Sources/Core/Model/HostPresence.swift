/// One host as the hub knows it: what `pm/hub/hosts` and `list_hosts` show.
package struct HostPresence: Equatable, Sendable {
    package let host: HostName
    package var isOnline: Bool
    /// Seconds since the epoch: when the broker last had a message from it.
    package var lastActive: Double

    package init(host: HostName, isOnline: Bool, lastActive: Double) {
        self.host = host
        self.isOnline = isOnline
        self.lastActive = lastActive
    }
}
