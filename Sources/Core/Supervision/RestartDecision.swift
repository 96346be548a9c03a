/// What becomes of a process whose run has ended, or must be ended.
package enum RestartDecision: Hashable, Sendable {
    case staysEnded
    /// Seconds.
    case restarts(after: Double)
    case givesUp(reason: String)
}
