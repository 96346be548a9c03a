import CLinux
import Glibc

/// The boot clock beside the wall clock: what happened when, what is due at a time of the day, and that the wall clock was
/// set.
///
/// A timerfd that never expires tells of the latter: its read fails (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET).
package final class SystemClock {
    /// Called after the wall clock was set, with the seconds by which.
    package var wasSet: (Double) -> Void = { _ in }

    private let watcher: Descriptor
    private let loop: EventLoop
    /// By nanoseconds of the wall clock.
    private var alarms = TimerQueue()
    private var timer: TimerID?
    /// Seconds by which the wall clock is ahead of the boot clock. It changes only where the wall clock is set: both are
    /// slowed down and sped up alike.
    private var lead = 0.0

    package init(loop: EventLoop) throws(SystemError) {
        let flags = Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK)
        watcher = Descriptor(
            owning: try System.call("create a timer") { timerfd_create(__clockid_t(CLOCK_REALTIME), flags) })
        self.loop = loop
        // In this order: the clock may be set in between, and the watcher knows how it was when it was made.
        lead = Self.measureLead()
        try loop.watch(watcher.number, for: .read) { [weak self] _ in self?.wake() }
        watch()
    }

    deinit { loop.unwatch(watcher.number) }

    /// What the wall clock, as it is set now, showed at that time of the boot clock; seconds since the epoch.
    package func wallTime(at seconds: Double) -> Double { seconds + lead }

    /// Calls `action` when the wall clock shows that many seconds since the epoch, soon when it does already.
    package func at(_ seconds: Double, _ action: @escaping () -> Void) -> TimerID {
        // Nanoseconds reach to the year 2262, and no farther.
        let nanoseconds = Int64(min(max(0, seconds), 9e9) * 1e9)
        let alarm = alarms.add(at: Instant(nanoseconds: nanoseconds), action)
        arm()
        return alarm
    }

    package func cancel(_ alarm: TimerID?) {
        guard let alarm else { return }
        alarms.cancel(alarm)
        arm()
    }

    /// Looks whether the wall clock was set, where the kernel does not tell.
    package func look() {
        let lead = Self.measureLead()
        let change = lead - self.lead
        guard abs(change) >= Self.smallestChange else { return }
        self.lead = lead
        wasSet(change)
        arm()
    }

    private func wake() {
        var count: UInt64 = 0
        _ = read(watcher.number, &count, MemoryLayout.size(ofValue: count))
        watch()
        look()
        // The loop's timers don't count the time that a machine is suspended.
        arm()
    }

    private func watch() {
        var time = itimerspec()
        time.it_value.tv_sec = .max
        let flags = Int32(TFD_TIMER_ABSTIME) | Int32(TFD_TIMER_CANCEL_ON_SET)
        // The clock was set since the watcher was made, or has last told: it watches nevertheless.
        if timerfd_settime(watcher.number, flags, &time, nil) < 0, errno == ECANCELED { look() }
    }

    private func arm() {
        loop.cancel(timer)
        timer = alarms.nextDeadline.map { deadline in
            loop.after(max(.zero, deadline - Self.wallNow)) { [weak self] in self?.ring() }
        }
    }

    private func ring() {
        while let action = alarms.popDue(Self.wallNow) { action() }
        arm()
    }

    private static var wallNow: Instant { Instant(nanoseconds: Instant.read(CLOCK_REALTIME)) }

    /// Seconds: what two measurements may differ by.
    private static let smallestChange = 0.001

    /// Of some, the one that took the shortest time: the thread may be put off between two clocks.
    private static func measureLead() -> Double {
        var best: (duration: Int64, lead: Int64)?
        for _ in 0..<5 {
            let before = Instant.read(CLOCK_BOOTTIME)
            let wall = Instant.read(CLOCK_REALTIME)
            let duration = Instant.read(CLOCK_BOOTTIME) - before
            if duration < best?.duration ?? .max { best = (duration, wall - before - duration / 2) }
        }
        return Double(best?.lead ?? 0) / 1e9
    }
}
