/// What becomes of a process whose run has ended, or must be ended.
package enum Verdict: Hashable, Sendable {
    case stays
    /// Seconds.
    case restarts(after: Double)
    case givesUp(reason: String)
}
