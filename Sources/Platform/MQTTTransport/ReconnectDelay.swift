package import LinuxSystem

/// The delay before the next connection attempt: exponential with full jitter, so that a fleet does not reconnect in
/// step.
///
/// See "Exponential Backoff And Jitter" in the AWS Architecture Blog for why the jitter is full. All parameters are in
/// seconds.
package struct ReconnectDelay: Sendable {
    private let first: Double
    private let most: Double
    /// Seconds after which a connection counts as stable: its loss starts again with the shortest delay.
    private let stability: Double
    private var attempts = 0
    private var connectedAt: Instant?

    package init(first: Double, most: Double, stability: Double) {
        self.first = first
        self.most = most
        self.stability = stability
    }

    package mutating func connected(at now: Instant) { connectedAt = now }

    /// The delay after a failed attempt or a lost connection.
    package mutating func next(
        at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        if let connectedAt, (now - connectedAt).inSeconds >= stability { attempts = 0 }
        connectedAt = nil
        // Bounds the shift: 2^16 times any sensible `first` is more than any sensible `most`.
        let ceiling = min(most, first * Double(1 << min(attempts, 16)))
        attempts += 1
        return .seconds(Double.random(in: 0...ceiling, using: &generator))
    }
}
