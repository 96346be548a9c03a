/// Those that follow a host's usage, each until its time is over, and the interval that is due to all of them.
///
/// Times are seconds of any monotonic clock.
package struct UsageFollowers: Sendable {
    private var all: [String: (until: Double, interval: Double)] = [:]

    package init() {}

    /// Adds a follower or renews it.
    ///
    /// - Returns: false if there are ``Limits/usageFollowers`` others.
    package mutating func follow(_ following: UsageFollowing, at now: Double) -> Bool {
        expire(at: now)
        guard all[following.follower] != nil || all.count < Limits.usageFollowers else { return false }
        all[following.follower] = (now + following.seconds, following.interval)
        return true
    }

    package mutating func unfollow(_ follower: String) { all[follower] = nil }

    /// Seconds between two messages: the shortest interval of all; nil without followers.
    package mutating func interval(at now: Double) -> Double? {
        expire(at: now)
        return all.values.map(\.interval).min()
    }

    private mutating func expire(at now: Double) { all = all.filter { $0.value.until > now } }
}
