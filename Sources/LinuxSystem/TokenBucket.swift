/// What may pass: so much a second, and a burst of what was not used before.
package struct TokenBucket: Sendable {
    /// A second.
    private let rate: Double
    private let capacity: Double
    private var level: Double
    private var filledAt: Instant

    package init(rate: Int, capacity: Int, now: Instant) {
        self.rate = Double(rate)
        self.capacity = Double(capacity)
        level = Double(capacity)
        filledAt = now
    }

    /// Whether `amount` may pass.
    package mutating func holds(_ amount: Int, at now: Instant) -> Bool {
        level = min(capacity, level + rate * max(0, (now - filledAt).inSeconds))
        filledAt = max(filledAt, now)
        return level >= Double(amount)
    }

    package mutating func spend(_ amount: Int) { level -= Double(amount) }
}
