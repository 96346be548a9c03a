import Glibc

enum Clock {
    /// Seconds since the epoch, rounded to milliseconds because people read them.
    static var wall: Double {
        let time = now(CLOCK_REALTIME)
        return (time * 1000).rounded() / 1000
    }

    /// Seconds of the monotonic clock. The coarse clock is a few milliseconds late and cheapest.
    static var steady: Double { now(CLOCK_MONOTONIC_COARSE) }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
