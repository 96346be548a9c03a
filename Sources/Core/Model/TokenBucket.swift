/// A token bucket: limits a rate, and allows bursts of what was not used before.
///
/// Times are seconds of any clock; a clock that goes back adds no tokens.
package struct TokenBucket: Sendable {
    /// Tokens per second.
    private let rate: Double
    private let capacity: Double
    private var level: Double
    private var filledAt: Double

    package init(rate: Int, capacity: Int, now: Double) {
        self.rate = Double(rate)
        self.capacity = Double(capacity)
        level = Double(capacity)
        filledAt = now
    }

    /// Whether there are `amount` tokens.
    package mutating func holds(_ amount: Int, at now: Double) -> Bool {
        level = min(capacity, level + rate * max(0, now - filledAt))
        filledAt = max(filledAt, now)
        return level >= Double(amount)
    }

    package mutating func spend(_ amount: Int) { level -= Double(amount) }
}
