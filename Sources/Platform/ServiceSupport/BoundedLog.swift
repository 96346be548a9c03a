import LinuxSystem
package import Model

/// Log lines about what clients and processes do, within a rate: a request or a crash costs them less than a line costs
/// the log. What is left out is counted.
package struct BoundedLog {
    private var bucket: TokenBucket
    private var leftOut = 0

    /// - Parameter now: seconds of a monotonic clock.
    package init(now: Double = Instant.now.seconds) {
        bucket = TokenBucket(rate: Limits.eventRate, capacity: Limits.eventBurst, now: now)
    }

    /// - Returns: whether the line is within the rate. Its text is made only then.
    @discardableResult
    package mutating func note(
        _ text: @autoclosure () -> String, _ level: LogLevel, at now: Double = Instant.now.seconds
    ) -> Bool {
        guard admitsLine(at: now) else { return false }
        Log.note(text(), level)
        return true
    }

    /// Takes a line from the rate, for a caller that writes it, and says how many were left out before it.
    ///
    /// - Returns: false if there is no room; the line is counted.
    package mutating func admitsLine(at now: Double = Instant.now.seconds) -> Bool {
        guard bucket.holds(1, at: now) else {
            leftOut += 1
            return false
        }
        bucket.spend(1)
        if leftOut > 0 {
            Log.note("\(leftOut) lines are left out: more than \(Limits.eventRate) a second", .warning)
            leftOut = 0
        }
        return true
    }
}
