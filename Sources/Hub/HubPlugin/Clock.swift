import Glibc

enum Clock {
    /// Seconds since the epoch, to the millisecond: they are for people.
    static var wall: Double {
        let time = now(CLOCK_REALTIME)
        return (time * 1000).rounded() / 1000
    }

    /// Seconds of a clock that nobody sets; its coarse reading, a few milliseconds old, costs least.
    static var steady: Double { now(CLOCK_MONOTONIC_COARSE) }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
