import LinuxSystem

/// Bytes that may pass: so many a second, and a burst of what was not used before.
struct TokenBucket: Sendable {
    /// Bytes a second.
    private let rate: Double
    private let capacity: Double
    private var level: Double
    private var filledAt: Instant

    init(rate: Int, capacity: Int, now: Instant) {
        self.rate = Double(rate)
        self.capacity = Double(capacity)
        level = Double(capacity)
        filledAt = now
    }

    /// Whether `bytes` may pass.
    mutating func holds(_ bytes: Int, at now: Instant) -> Bool {
        level = min(capacity, level + rate * max(0, (now - filledAt).inSeconds))
        filledAt = max(filledAt, now)
        return level >= Double(bytes)
    }

    mutating func spend(_ bytes: Int) { level -= Double(bytes) }
}
