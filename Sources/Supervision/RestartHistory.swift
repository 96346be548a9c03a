package import Model

/// When a process was started again: what decides whether, and after how long, it is once more.
package struct RestartHistory: Hashable, Sendable {
    /// How a run ended.
    package enum End: Hashable, Sendable {
        case exited(ExitStatus)
        /// Nobody was there to see how.
        case unknown
        /// It did not come up, was unhealthy, or could not be executed, as the phrase says.
        case failed(String)
    }

    package enum Decision: Hashable, Sendable {
        case stays
        /// Seconds.
        case restarts(after: Double)
        /// A lower-case phrase.
        case givesUp(String)
    }

    /// Seconds since the epoch, ascending; no more than matter.
    package private(set) var times: [Double]

    package init(times: [Double] = []) { self.times = times }

    /// Decides on a process that is still wanted, and takes down the restart that follows.
    ///
    /// - Parameters:
    ///   - now: seconds since the epoch.
    ///   - jitter: 0 to 1, random: agents that fail together shall not come back together.
    package mutating func decide(
        after end: End, _ rules: RestartRules, at now: Double, jitter: Double
    ) -> Decision {
        guard rules.applies(to: end) else {
            if case .failed(let reason) = end { return .givesUp(reason) }
            return .stays
        }
        // A clock that was set back makes the future of it the present.
        times = times.map { min($0, now) }
        if rules.startInterval > 0 { times.removeAll { now - $0 > rules.startInterval } }
        if rules.startLimit > 0, times.count >= rules.startLimit {
            let span = rules.startInterval > 0 ? " within \(Self.text(rules.startInterval)) s" : ""
            return .givesUp("\(times.count) restarts\(span)")
        }
        let doublings = min(times.count, Self.mostDoublings)
        let delay = min(rules.maximumDelay, rules.delay * Double(UInt64(1) << UInt64(doublings)))
        times.append(now)
        times.removeFirst(max(0, times.count - max(rules.startLimit, Self.mostDoublings)))
        return .restarts(after: delay * (1 - jitter / 4))
    }

    /// After these, whatever the first delay, the longest is reached: 10 ms doubled 32 times is a year.
    private static let mostDoublings = 32

    private static func text(_ seconds: Double) -> String {
        Int(exactly: seconds).map { "\($0)" } ?? "\(seconds)"
    }
}

extension RestartRules {
    fileprivate func applies(to end: RestartHistory.End) -> Bool {
        switch (policy, end) {
        case (.never, _): false
        case (.always, _): true
        case (.onFailure, .exited(.exited(code: 0))): false
        case (.onFailure, .exited), (.onFailure, .unknown), (.onFailure, .failed): true
        }
    }
}
