/// What an event changed in the list of hosts.
package enum PresenceChange: Equatable, Sendable {
    case none
    /// A `lastActive` and nothing else.
    case activity
    /// A host came, went, or was forgotten.
    case hosts
    /// A new host found no room: ``Limits/hubHosts`` others are online.
    case refused
}
