import Model
import Testing

struct UsageFollowersTests {
    @Test func `the shortest interval of those whose time is not over counts`() {
        var followers = UsageFollowers()
        #expect(followers.interval(at: 0) == nil)
        let slow = UsageFollowing(follower: "slow", seconds: 100, interval: 10)
        let quick = UsageFollowing(follower: "quick", seconds: 5, interval: 2)
        for following in [slow, quick] { #expect(followers.follow(following, at: 0)) }
        #expect(followers.interval(at: 4) == 2)
        #expect(followers.interval(at: 5) == 10)
        #expect(followers.interval(at: 100) == nil)
    }

    @Test func `a follower that asks again is renewed, and one that ends does not end others`() {
        var followers = UsageFollowers()
        var following = UsageFollowing(follower: "a", seconds: 5, interval: 2)
        #expect(followers.follow(following, at: 0))
        following.interval = 3
        #expect(followers.follow(following, at: 4))
        #expect(followers.interval(at: 8) == 3)
        #expect(followers.follow(UsageFollowing(follower: "b", seconds: 50, interval: 7), at: 4))
        followers.unfollow("a")
        followers.unfollow("unknown")
        #expect(followers.interval(at: 8) == 7)
    }

    @Test func `there is a limit, and those whose time is over make room`() {
        var followers = UsageFollowers()
        for number in 0..<Limits.usageFollowers {
            #expect(followers.follow(UsageFollowing(follower: "\(number)", seconds: 10, interval: 1), at: 0))
        }
        let late = UsageFollowing(follower: "late", seconds: 10, interval: 1)
        #expect(!followers.follow(late, at: 9))
        #expect(followers.follow(UsageFollowing(follower: "3", seconds: 10, interval: 1), at: 9))
        #expect(followers.follow(late, at: 10))
    }
}
