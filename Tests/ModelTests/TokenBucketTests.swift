import Model
import Testing

struct TokenBucketTests {
    @Test func `a burst passes, then no more than the rate`() {
        var now = 0.0
        var bucket = TokenBucket(rate: 10, capacity: 5, now: now)
        func take() -> Int {
            var taken = 0
            while bucket.holds(1, at: now), taken < 100 {
                bucket.spend(1)
                taken += 1
            }
            return taken
        }
        #expect(take() == 5)
        now = 0.099
        #expect(take() == 0)
        now = 0.125
        #expect(take() == 1)
        now = 3_600
        #expect(take() == 5)
    }

    @Test func `a clock that stands still or goes back adds no tokens`() {
        var bucket = TokenBucket(rate: 10, capacity: 5, now: 1)
        bucket.spend(5)
        for time in [1.0, 0, 1] {
            let holds = bucket.holds(1, at: time)
            #expect(!holds)
        }
        let holds = bucket.holds(1, at: 1.125)
        #expect(holds)
    }
}
