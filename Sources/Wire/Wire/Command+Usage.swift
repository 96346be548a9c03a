import JSONCodec
import Model

/// The arguments of `follow_usage` and `unfollow_usage`, and `usage` of `get_process` and `get_processes`.
extension Field {
    func hasUsage() throws(Failure) -> Bool { try self["usage"]?.bool() ?? false }

    func usageFollowing() throws(Failure) -> UsageFollowing {
        var following = UsageFollowing(follower: try follower())
        let times = 1...Limits.longestFollow
        following.seconds = try self["seconds"]?.number("a number of seconds", in: times) ?? following.seconds
        following.interval = try self["interval"]?.number("a number of seconds", in: times) ?? following.interval
        return following
    }

    func follower() throws(Failure) -> String {
        try required("follower").string(bytes: 1...Limits.followerLength)
    }
}
