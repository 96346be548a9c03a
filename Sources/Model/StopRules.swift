/// How a process is stopped (`stop` of a config).
package struct StopRules: Hashable, Sendable {
    /// The signal's number; SIGTERM is 15 on every Linux.
    package var signal: Int32 = 15
    /// Seconds between that signal and SIGKILL; nil is the agent's own `stop_grace`.
    package var grace: Double?

    package init() {}
}
