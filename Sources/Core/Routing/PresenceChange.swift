/// What an event changed in the registry of hosts.
package enum PresenceChange: Equatable, Sendable {
    case none
    /// Only a `lastActive` time.
    case activity
    /// A host came, went, or was forgotten.
    case hosts
    /// A new host was refused because ``Limits/hubHosts`` others are online.
    case refused
}
