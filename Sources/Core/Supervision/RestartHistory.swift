package import Model

/// When a process was restarted, as far as its rules still ask.
package struct RestartHistory: Equatable, Sendable {
    /// Restarts that count for the limit: seconds of a clock that is never set, ascending. Kept with the process, so that
    /// a new agent goes on counting.
    package private(set) var restarts: [Double]
    /// Restarts in a row whose runs were short: each doubles the delay.
    package private(set) var streak: Int

    package init(_ restarts: [Double] = [], streak: Int = 0) {
        self.restarts = restarts
        self.streak = min(max(0, streak), Self.longestStreak)
    }

    /// Judges a run that ended without a request; a restart counts from now on.
    ///
    /// - Parameters:
    ///   - duration: seconds that the process was up; 0 when it never was.
    ///   - now: seconds, of the clock that ``restarts`` go by.
    ///   - jitter: from 0 up to 1, uniform: takes up to a quarter off the delay, so that what fell together does not
    ///     get up together.
    package mutating func decision(
        for end: RunEnd, after duration: Double, rules: RestartRules, at now: Double, jitter: Double
    ) -> RestartDecision {
        if rules.policy == .never { return Self.decisionWithoutRestart(end) }
        if rules.policy == .onFailure, !end.isFailure { return .staysEnded }
        forget(rules, now)
        let limit = min(rules.startLimit, Limits.restartHistory)
        if end.isFailure, limit > 0 {
            if restarts.count >= limit {
                let window = rules.startInterval > 0 ? " within \(rules.startInterval.inWords) s" : ""
                return .givesUp(reason: "\(restarts.count) restarts\(window), last \(end)")
            }
            restarts.append(now)
        }
        if duration >= rules.resetAfter { streak = 0 }
        let delay = min(rules.maximumDelay, rules.delay * Double(sign: .plus, exponent: streak, significand: 1))
        streak = min(streak + 1, Self.longestStreak)
        return .restarts(after: delay * (1 - jitter / 4))
    }

    /// 2^64 times any delay that is not 0 is over any sensible bound.
    private static let longestStreak = 64

    private static func decisionWithoutRestart(_ end: RunEnd) -> RestartDecision {
        switch end {
        case .exited, .unhealthy: .staysEnded
        case .spawnFailed, .notReady: .givesUp(reason: "\(end)")
        }
    }

    private mutating func forget(_ rules: RestartRules, _ now: Double) {
        // None is later than now, whatever a journal says.
        for index in restarts.indices where restarts[index] > now { restarts[index] = now }
        if rules.startInterval > 0 { restarts.removeAll { $0 <= now - rules.startInterval } }
    }
}
