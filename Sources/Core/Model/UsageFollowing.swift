/// The options of `follow_usage`.
package struct UsageFollowing: Equatable, Sendable {
    /// Identifies who asks, so that one can end or renew only its own request.
    package var follower: String
    /// Duration unless it is renewed.
    package var seconds: Double
    /// Seconds from one message to the next.
    package var interval: Double

    package init(follower: String, seconds: Double = Limits.followTime, interval: Double = Limits.usageInterval) {
        self.follower = follower
        self.seconds = seconds
        self.interval = interval
    }
}
