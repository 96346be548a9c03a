/// As whom, and with which manners, a process runs (`user`, `group`, `umask` and `nice` of a config).
package struct Identity: Hashable, Sendable {
    /// A name or a number; nil is the agent's own.
    package var user: String?
    /// A name or a number; nil is the user's primary group.
    package var group: String?
    /// Permission bits that its files don't get; nil is the agent's own.
    package var umask: UInt32?
    /// -20 (most favoured) to 19; nil is the agent's own.
    package var nice: Int32?

    package init() {}
}
