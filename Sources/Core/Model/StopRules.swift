/// How a process is stopped (`stop` of a config).
package struct StopRules: Hashable, Sendable {
    /// The signal's number; SIGTERM is 15 on every Linux.
    package var signal: Int32 = 15
    /// Which of its processes get that signal; SIGKILL after it is for all.
    package var target = Target.tree
    /// Seconds between that signal and SIGKILL; nil is the agent's own `stop_grace`.
    package var grace: Double?

    package enum Target: String, Sendable, CaseIterable {
        case tree
        /// The process that was started, which ends the others itself.
        case main
    }

    package init() {}
}
