/// Whether and when a process that ended is started again (`restart` of a config).
package struct RestartRules: Hashable, Sendable {
    package enum Policy: String, Sendable, CaseIterable {
        case never
        /// When its exit code is not 0, a signal ended it, or nobody knows how it ended.
        case onFailure = "on_failure"
        case always
    }

    package var policy = Policy.never
    /// Seconds before the first restart; each further one in a row of short runs waits twice as long.
    package var delay = Limits.restartDelay
    /// Seconds that no restart waits longer than, whatever the back-off.
    package var maximumDelay = Limits.restartMaximumDelay
    /// Seconds after which a run is not short: the restart after it waits for `delay` again.
    package var resetAfter = Limits.restartResetAfter
    /// So many restarts after failures within `startInterval`, and it counts as failed; 0 is without end.
    package var startLimit = Limits.restartStartLimit
    /// Seconds.
    package var startInterval = Limits.restartStartInterval

    package init() {}
}
