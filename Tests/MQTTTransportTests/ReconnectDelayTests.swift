import LinuxSystem
import MQTTTransport
import TestSupport
import Testing

struct ReconnectDelayTests {
    private static let start = Instant(nanoseconds: 0)

    /// Always returns the same number, the largest or the smallest.
    private struct Extreme: RandomNumberGenerator {
        let value: UInt64
        mutating func next() -> UInt64 { value }
    }

    @Test func `the bound doubles up to the maximum`() {
        var backoff = ReconnectDelay(first: 0.25, most: 30, stability: 60)
        var generator = Extreme(value: .max)
        let delays = (0..<10).map { _ in backoff.next(at: Self.start, using: &generator).inSeconds }
        for (delay, bound) in zip(delays, [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30]) {
            #expect(delay <= bound && delay > bound * 0.99)
        }
    }

    @Test func `a delay is anywhere between zero and the bound`() {
        var seed = Seed.fresh()
        let name = seed.description
        var lowest = 30.0
        var highest = 0.0
        for _ in 0..<1_000 {
            var backoff = ReconnectDelay(first: 1, most: 30, stability: 60)
            let delay = backoff.next(at: Self.start, using: &seed).inSeconds
            if delay < 0 || delay > 1 { Issue.record("\(delay), \(name)") }
            lowest = min(lowest, delay)
            highest = max(highest, delay)
        }
        #expect(lowest < 0.1 && highest > 0.9, "\(name)")
    }

    @Test func `a delay stays within the bound after any number of attempts`() {
        var backoff = ReconnectDelay(first: 0.25, most: 30, stability: 60)
        var generator = Extreme(value: .max)
        for _ in 0..<100_000 { #expect(backoff.next(at: Self.start, using: &generator).inSeconds <= 30) }
    }

    @Test(arguments: [(59.0, false), (60, true), (600, true)]) func `only a stable connection resets the delay`(
        lasted: Double, isOver: Bool
    ) {
        var backoff = ReconnectDelay(first: 1, most: 30, stability: 60)
        var generator = Extreme(value: .max)
        for _ in 0..<4 { _ = backoff.next(at: Self.start, using: &generator) }
        backoff.connected(at: Self.start)
        let delay = backoff.next(at: Self.start + .seconds(lasted), using: &generator).inSeconds
        #expect((delay <= 1) == isOver)
        // A stable connection counts once.
        #expect(backoff.next(at: Self.start + .seconds(10_000), using: &generator).inSeconds > 1)
    }
}
