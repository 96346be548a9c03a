/// What follows the end of a run.
package enum RestartDecision: Hashable, Sendable {
    case staysEnded
    /// Delay in seconds.
    case restarts(after: Double)
    case givesUp(reason: String)
}
