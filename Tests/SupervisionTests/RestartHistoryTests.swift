import Model
import Supervision
import Testing

struct RestartHistoryTests {
    private static func rules(
        _ policy: RestartRules.Policy, delay: Double = 0.5, maximum: Double = 60, limit: Int = 10,
        interval: Double = 600, resetAfter: Double = 10
    ) -> RestartRules {
        var rules = RestartRules()
        rules.policy = policy
        rules.delay = delay
        rules.maximumDelay = maximum
        rules.startLimit = limit
        rules.startInterval = interval
        rules.resetAfter = resetAfter
        return rules
    }

    private static let failure = RunEnd.exited(.exited(code: 1))
    private static let success = RunEnd.exited(.exited(code: 0))

    /// - Returns: the delays of consecutive restarts, until the process stays ended or is given up, at most `most`.
    private func delays(
        _ history: inout RestartHistory, _ rules: RestartRules, most: Int, from start: Double = 1_000,
        every step: Double = 0, up duration: Double = 0, end: RunEnd = failure, jitter: Double = 0
    ) -> [Double] {
        var delays: [Double] = []
        for number in 0..<most {
            let now = start + Double(number) * step
            let decision = history.decision(for: end, after: duration, rules: rules, at: now, jitter: jitter)
            guard case .restarts(let delay) = decision else { break }
            delays.append(delay)
        }
        return delays
    }

    @Test(arguments: [
        (RestartRules.Policy.never, RunEnd.exited(.exited(code: 0)), false), (.never, failure, false),
        (.never, .exited(nil), false), (.never, .unhealthy(reason: "x"), false),
        (.onFailure, .exited(.exited(code: 0)), false),
        (.onFailure, failure, true), (.onFailure, .exited(.signaled(9)), true), (.onFailure, .exited(nil), true),
        (.onFailure, .unhealthy(reason: "x"), true), (.onFailure, .notReady(within: 30), true),
        (.onFailure, .spawnFailed(reason: "permission denied"), true), (.always, .exited(.exited(code: 0)), true),
        (.always, failure, true),
    ])
    func `the policy decides which ends lead to a restart`(
        policy: RestartRules.Policy, end: RunEnd, isRestarted: Bool
    ) {
        var history = RestartHistory()
        let decision = history.decision(for: end, after: 0, rules: Self.rules(policy), at: 0, jitter: 0)
        #expect(decision == (isRestarted ? .restarts(after: 0.5) : .staysEnded))
        #expect(history.restarts.count == (isRestarted && end.isFailure ? 1 : 0))
    }

    @Test func `a process that never came up has failed under any policy`() {
        var history = RestartHistory()
        let rules = Self.rules(.never)
        #expect(
            history.decision(for: .notReady(within: 30), after: 0, rules: rules, at: 0, jitter: 0)
                == .givesUp(reason: "not ready within 30 s"))
        #expect(
            history.decision(for: .spawnFailed(reason: "exec format error"), after: 0, rules: rules, at: 0, jitter: 0)
                == .givesUp(reason: "exec format error"))
    }

    @Test func `each delay is twice the previous one, up to the maximum`() {
        var history = RestartHistory()
        #expect(delays(&history, Self.rules(.always), most: 20) == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test func `the limit is enforced, and the reason says so`() {
        var history = RestartHistory()
        let rules = Self.rules(.onFailure)
        _ = delays(&history, rules, most: 10)
        for end in [Self.failure, .exited(.signaled(9)), .exited(nil), .unhealthy(reason: "x"), .notReady(within: 0.5)]
        {
            let reason = "10 restarts within 600 s, last \(end)"
            #expect(
                history.decision(for: end, after: 0, rules: rules, at: 1_000, jitter: 0) == .givesUp(reason: reason))
        }
        #expect("\(Self.failure)" == "exit code 1")
        #expect("\(RunEnd.notReady(within: 0.5))" == "not ready within 0.5 s")
        #expect("\(RunEnd.exited(nil))" == "unknown exit status")
    }

    @Test func `only restarts within the interval count`() {
        var history = RestartHistory()
        // One restart every 60 s: never more than ten within 600 s.
        let steady = delays(&history, Self.rules(.always), most: 1_000, every: 60)
        #expect(steady.count == 1_000)
        #expect(history.restarts.count == 10)
        var slow = RestartHistory()
        #expect(delays(&slow, Self.rules(.always), most: 50, every: 600, up: 599) == Array(repeating: 0.5, count: 50))
    }

    @Test func `an interval of 0 is unlimited`() {
        var history = RestartHistory()
        let rules = Self.rules(.always, limit: 3, interval: 0)
        #expect(delays(&history, rules, most: 10, every: 1e9).count == 3)
        #expect(
            history.decision(for: Self.failure, after: 0, rules: rules, at: 1e12, jitter: 0)
                == .givesUp(reason: "3 restarts, last exit code 1"))
    }

    @Test func `without a limit restarts never end, and memory is bounded`() {
        var history = RestartHistory()
        let found = delays(&history, Self.rules(.always, limit: 0, interval: 0), most: 10_000)
        #expect(found.count == 10_000)
        #expect(found.allSatisfy { $0 <= 60 })
        #expect(history.restarts.isEmpty && history.streak <= 64)
    }

    @Test func `the limit is at most the number of remembered restarts`() {
        var history = RestartHistory()
        #expect(delays(&history, Self.rules(.always, limit: .max), most: 5_000).count == Limits.restartHistory)
        #expect(history.restarts.count == Limits.restartHistory)
    }

    @Test func `jitter shortens a delay by up to a quarter, and 0 stays 0`() {
        var history = RestartHistory()
        #expect(delays(&history, Self.rules(.always, delay: 4), most: 2, jitter: 0.5) == [3.5, 7])
        var none = RestartHistory()
        #expect(delays(&none, Self.rules(.always, delay: 0), most: 5, jitter: 0.9) == [0, 0, 0, 0, 0])
    }

    @Test func `restarts later than now count as restarts now`() {
        var history = RestartHistory()
        let rules = Self.rules(.always, limit: 3)
        _ = delays(&history, rules, most: 3, from: 1_000_000)
        guard case .givesUp = history.decision(for: Self.failure, after: 0, rules: rules, at: 500, jitter: 0) else {
            Issue.record("the restarts are forgotten")
            return
        }
        #expect(
            history.decision(for: Self.failure, after: 0, rules: rules, at: 1_101, jitter: 0) == .restarts(after: 4))
    }

    @Test func `a long run resets the back-off, and a shorter one does not`() {
        var history = RestartHistory()
        let rules = Self.rules(.always, limit: 0)
        #expect(delays(&history, rules, most: 4, up: 9.999) == [0.5, 1, 2, 4])
        #expect(delays(&history, rules, most: 3, up: 10) == [0.5, 0.5, 0.5])
        #expect(delays(&history, rules, most: 3) == [1, 2, 4])
        var never = RestartHistory()
        #expect(delays(&never, Self.rules(.always, limit: 0, resetAfter: 0), most: 3) == [0.5, 0.5, 0.5])
    }

    @Test func `runs of 20 s with exit code 0 under always are restarted forever`() {
        var history = RestartHistory()
        let found = delays(&history, Self.rules(.always), most: 1_000, every: 20.5, up: 20, end: Self.success)
        #expect(found == Array(repeating: 0.5, count: 1_000))
        #expect(history.restarts.isEmpty)
    }

    @Test func `short runs with exit code 0 back off and are not given up`() {
        var history = RestartHistory()
        let found = delays(&history, Self.rules(.always), most: 1_000, every: 1, up: 0.5, end: Self.success)
        #expect(found.count == 1_000 && found.last == 60)
    }

    @Test func `failures count for the limit, even after long runs and between successes`() {
        for duration in [0.0, 20] {
            var history = RestartHistory()
            let rules = Self.rules(.always, limit: 3)
            for _ in 0..<3 {
                #expect(delays(&history, rules, most: 1, up: duration).count == 1)
                #expect(delays(&history, rules, most: 5, up: duration, end: Self.success).count == 5)
            }
            #expect(delays(&history, rules, most: 1, up: duration).isEmpty)
            #expect(delays(&history, rules, most: 1, up: duration, end: Self.success).count == 1)
        }
    }

    /// All sequences of six ends, each after a short or long run, failed or not, compared with an independent count.
    @Test(arguments: [RestartRules.Policy.onFailure, .always], [0, 1, 2, 3])
    func `every sequence of six runs is decided as counted`(policy: RestartRules.Policy, limit: Int) {
        let rules = Self.rules(policy, delay: 1, maximum: 8, limit: limit)
        for number in 0..<(1 << 12) {
            var history = RestartHistory()
            var failures = 0, short = 0
            for run in 0..<6 {
                let isFailure = number >> (2 * run) & 1 == 1, isLong = number >> (2 * run + 1) & 1 == 1
                let decision = history.decision(
                    for: isFailure ? Self.failure : Self.success, after: isLong ? 10 : 9.9, rules: rules,
                    at: Double(run), jitter: 0)
                if !isFailure, policy == .onFailure {
                    #expect(decision == .staysEnded)
                    break
                }
                if isFailure { failures += 1 }
                if isFailure, limit > 0, failures > limit {
                    #expect(decision == .givesUp(reason: "\(limit) restarts within 600 s, last exit code 1"))
                    break
                }
                if isLong { short = 0 }
                #expect(decision == .restarts(after: min(8, Double(1 << short))))
                short += 1
            }
        }
    }

    @Test func `a restored history continues`() {
        var history = RestartHistory()
        _ = delays(&history, Self.rules(.always), most: 4)
        var kept = RestartHistory(history.restarts, streak: history.streak)
        #expect(kept == history)
        #expect(delays(&kept, Self.rules(.always), most: 1) == [8])
    }
}
