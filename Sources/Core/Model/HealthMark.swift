/// What the hub reads of a health message.
package struct HealthMark: Equatable, Sendable {
    /// Random at each start of the agent; nil from agents of other makers.
    package let session: String?
    /// Increases from message to message.
    package let sequence: Double
    /// Seconds until the next message, 0.1 at least.
    package let interval: Double

    package init(session: String?, sequence: Double, interval: Double) {
        self.session = session
        self.sequence = sequence
        self.interval = min(max(interval, 0.1), Limits.longestWait)
    }
}
