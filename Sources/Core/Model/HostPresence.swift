/// A host's presence as the hub sees it: an entry of `pm/hub/hosts` and `list_hosts`.
package struct HostPresence: Equatable, Sendable {
    package let host: HostName
    package var isOnline: Bool
    /// Seconds since the epoch: when the broker last received a message from the host.
    package var lastActive: Double
    /// Whether an online host has been silent for too long.
    package var isStale: Bool
    /// Whether two agents have the host's name.
    package var isInConflict: Bool
    package var labels: [Label]

    package init(
        host: HostName, isOnline: Bool, lastActive: Double, isStale: Bool = false, isInConflict: Bool = false,
        labels: [Label] = []
    ) {
        self.host = host
        self.isOnline = isOnline
        self.lastActive = lastActive
        self.isStale = isStale
        self.isInConflict = isInConflict
        self.labels = labels
    }
}
