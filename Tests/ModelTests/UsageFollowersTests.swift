import Model
import Testing

struct UsageFollowersTests {
    private func expect(
        _ isTaken: Bool, _ followers: inout UsageFollowers, _ following: UsageFollowing, at time: Double,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let result = followers.follow(following, at: time)
        #expect(result == isTaken, sourceLocation: sourceLocation)
    }

    private func expect(
        _ interval: Double?, _ followers: inout UsageFollowers, at time: Double,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let result = followers.interval(at: time)
        #expect(result == interval, sourceLocation: sourceLocation)
    }

    @Test func `the shortest interval of those whose time is not over counts`() {
        var followers = UsageFollowers()
        expect(nil, &followers, at: 0)
        let slow = UsageFollowing(follower: "slow", seconds: 100, interval: 10)
        let quick = UsageFollowing(follower: "quick", seconds: 5, interval: 2)
        for following in [slow, quick] { expect(true, &followers, following, at: 0) }
        expect(2, &followers, at: 4)
        expect(10, &followers, at: 5)
        expect(nil, &followers, at: 100)
    }

    @Test func `a follower that asks again is renewed, and one that ends does not end others`() {
        var followers = UsageFollowers()
        var following = UsageFollowing(follower: "a", seconds: 5, interval: 2)
        expect(true, &followers, following, at: 0)
        following.interval = 3
        expect(true, &followers, following, at: 4)
        expect(3, &followers, at: 8)
        expect(true, &followers, UsageFollowing(follower: "b", seconds: 50, interval: 7), at: 4)
        followers.unfollow("a")
        followers.unfollow("unknown")
        expect(7, &followers, at: 8)
    }

    @Test func `there is a limit, and those whose time is over make room`() {
        var followers = UsageFollowers()
        for number in 0..<Limits.usageFollowers {
            expect(true, &followers, UsageFollowing(follower: "\(number)", seconds: 10, interval: 1), at: 0)
        }
        let late = UsageFollowing(follower: "late", seconds: 10, interval: 1)
        expect(false, &followers, late, at: 9)
        expect(true, &followers, UsageFollowing(follower: "3", seconds: 10, interval: 1), at: 9)
        expect(true, &followers, late, at: 10)
    }
}
