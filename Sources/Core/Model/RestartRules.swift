/// Whether and when a process that ended is restarted (`restart` of a config).
package struct RestartRules: Hashable, Sendable {
    package enum Policy: String, Sendable, CaseIterable {
        case never
        /// When its exit code is not 0, a signal ended it, or its exit status is unknown.
        case onFailure = "on_failure"
        case always
    }

    package var policy = Policy.never
    /// Seconds before the first restart; each further one in a row of short runs waits twice as long.
    package var delay = Limits.restartDelay
    /// Maximum seconds before a restart.
    package var maximumDelay = Limits.restartMaximumDelay
    /// Seconds after which a run counts as long: the next restart waits for `delay` again.
    package var resetAfter = Limits.restartResetAfter
    /// Number of restarts after failures within `startInterval` after which the process has failed; 0 means no limit.
    package var startLimit = Limits.restartStartLimit
    /// Seconds.
    package var startInterval = Limits.restartStartInterval

    package init() {}
}
