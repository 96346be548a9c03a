import CLinux
import Glibc

/// A point in time of the monotonic clock, which never jumps.
package struct Instant: Comparable, Sendable {
    /// Nanoseconds since an arbitrary point before the program started.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static var now: Instant { Instant(nanoseconds: read(CLOCK_MONOTONIC)) }
    /// Seconds of processor time that the calling thread has used.
    static var processorSeconds: Double { Double(read(CLOCK_THREAD_CPUTIME_ID)) / 1e9 }

    /// The same in seconds.
    package var seconds: Double { Double(nanoseconds) / 1e9 }

    package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    package static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds + duration.nanoseconds)
    }

    package static func - (left: Instant, right: Instant) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }

    static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// The clock that counts from boot, including suspended time (CLOCK_BOOTTIME). It is never set.
package enum BootClock {
    /// Seconds.
    package static var now: Double { Double(Instant.read(CLOCK_BOOTTIME)) / 1e9 }

    /// - Parameter wallTime: seconds since the epoch, by a wall clock that was not set since.
    package static func seconds(ofWallTime wallTime: Double) -> Double { wallTime - (WallClock.now - now) }

    /// - Parameter ticks: from boot to a process's start, as in /proc/<pid>/stat.
    package static func seconds(ofTicks ticks: UInt64) -> Double { Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))) }
}

/// The wall clock. It may be set at any time, so durations are measured by another clock.
package enum WallClock {
    /// Seconds since the epoch, to the millisecond.
    package static var now: Double { Double(Instant.read(CLOCK_REALTIME) / 1_000_000) / 1_000 }

    /// Microseconds since the epoch.
    package static var microseconds: Int64 { Instant.read(CLOCK_REALTIME) / 1_000 }
}

extension Duration {
    package var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }

    /// Seconds as a floating-point number.
    package var inSeconds: Double { Double(nanoseconds) / 1_000_000_000 }
}
