import LinuxSystem
import Testing

struct TokenBucketTests {
    @Test func `a burst, then no more than the rate`() {
        var now = Instant(nanoseconds: 0)
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
        now = now + .milliseconds(99)
        #expect(take() == 0)
        now = now + .milliseconds(1)
        #expect(take() == 1)
        now = now + .seconds(3_600)
        #expect(take() == 5)
    }

    @Test func `a clock that stands still or goes back gives nothing`() {
        let now = Instant(nanoseconds: 1_000_000_000)
        var bucket = TokenBucket(rate: 10, capacity: 5, now: now)
        bucket.spend(5)
        for instant in [now, Instant(nanoseconds: 0), now] {
            let holds = bucket.holds(1, at: instant)
            #expect(!holds)
        }
        let holds = bucket.holds(1, at: now + .milliseconds(100))
        #expect(holds)
    }
}
