/// How a process is stopped (`stop` of a config).
package struct StopRules: Hashable, Sendable {
    /// Signal number; SIGTERM is 15 on every Linux.
    package var signal: Int32 = 15
    /// Which processes of the tree get that signal; SIGKILL later goes to all.
    package var target = Target.tree
    /// Grace period in seconds; nil means the agent's own `stop_grace`.
    package var grace: Double?

    package enum Target: String, Sendable, CaseIterable {
        case tree
        /// The main process only, which ends the others itself.
        case main
    }

    package init() {}
}
