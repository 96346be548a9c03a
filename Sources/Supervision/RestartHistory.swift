package import Model

/// When a process was restarted, as far as its rules still ask.
package struct RestartHistory: Equatable, Sendable {
    /// Seconds since the epoch, ascending. Kept with the process, so that a new agent goes on counting.
    package private(set) var restarts: [Double]

    package init(_ restarts: [Double] = []) { self.restarts = restarts }

    /// Judges a run that nobody had asked to end; a restart counts from now on.
    ///
    /// - Parameters:
    ///   - now: seconds since the epoch.
    ///   - jitter: from 0 up to 1, uniform: takes up to a quarter off the delay, so that what fell together does not
    ///     get up together.
    package mutating func verdict(for end: RunEnd, rules: RestartRules, at now: Double, jitter: Double) -> Verdict {
        if rules.policy == .never { return Self.verdictWithoutRestart(end) }
        if rules.policy == .onFailure, end == .exited(.exited(code: 0)) { return .stays }
        forget(rules, now)
        let limit = min(rules.startLimit, Limits.restartHistory)
        if limit > 0, restarts.count >= limit {
            let window = rules.startInterval > 0 ? " within \(rules.startInterval.inWords) s" : ""
            return .givesUp(reason: "\(restarts.count) restarts\(window), last \(end)")
        }
        // 2^64 times any delay that is not 0 is over any sensible bound.
        let factor = Double(sign: .plus, exponent: min(restarts.count, 64), significand: 1)
        let delay = min(rules.maximumDelay, rules.delay * factor)
        if limit == 0, restarts.count >= Self.exponents { restarts.removeFirst() }
        restarts.append(now)
        return .restarts(after: delay * (1 - jitter / 4))
    }

    /// Restarts that make a difference to the delay, where their number is not limited.
    private static let exponents = 64

    private static func verdictWithoutRestart(_ end: RunEnd) -> Verdict {
        switch end {
        case .exited, .unhealthy: .stays
        case .spawnFailed, .notReady: .givesUp(reason: "\(end)")
        }
    }

    private mutating func forget(_ rules: RestartRules, _ now: Double) {
        // The clock has been set back: they are as old as can be told from now on.
        for index in restarts.indices where restarts[index] > now { restarts[index] = now }
        if rules.startInterval > 0 { restarts.removeAll { $0 <= now - rules.startInterval } }
    }
}
