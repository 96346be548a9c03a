package import Model

/// The restarts of a process that its restart rules still consider.
package struct RestartHistory: Equatable, Sendable {
    /// Times of the restarts that count for the limit, in seconds of a clock that is never set, ascending. The agent
    /// saves them, so that the next worker continues to count.
    package private(set) var restarts: [Double]
    /// Number of restarts since the last long run, the one after it included; each doubles the delay.
    package private(set) var streak: Int

    package init(_ restarts: [Double] = [], streak: Int = 0) {
        self.restarts = restarts
        self.streak = min(max(0, streak), Self.longestStreak)
    }

    /// Decides what follows a run that ended without a request. A restart is added to the history.
    ///
    /// - Parameters:
    ///   - duration: seconds that the process was up; 0 when it never was.
    ///   - now: seconds of the clock of ``restarts``.
    ///   - jitter: from 0 up to 1, uniformly distributed. It shortens the delay by up to a quarter, so that processes
    ///     that ended together do not restart together.
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

    /// 2^64 times any delay except 0 exceeds every maximum.
    private static let longestStreak = 64

    private static func decisionWithoutRestart(_ end: RunEnd) -> RestartDecision {
        switch end {
        case .exited, .unhealthy: .staysEnded
        case .spawnFailed, .notReady: .givesUp(reason: "\(end)")
        }
    }

    private mutating func forget(_ rules: RestartRules, _ now: Double) {
        // A journal could hold later times than now.
        for index in restarts.indices where restarts[index] > now { restarts[index] = now }
        if rules.startInterval > 0 { restarts.removeAll { $0 <= now - rules.startInterval } }
    }
}
