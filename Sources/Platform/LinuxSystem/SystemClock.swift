import CLinux
import Glibc

/// Relates the boot clock to the wall clock: converts times, runs alarms at wall clock times, and reports when the wall
/// clock was set.
///
/// A timerfd that never expires detects the latter: its read fails when the clock is set (timerfd_create(2),
/// TFD_TIMER_CANCEL_ON_SET).
package final class SystemClock {
    /// Called after the wall clock was set, with the change in seconds.
    package var wasSet: (Double) -> Void = { _ in }

    private let watcher: Descriptor
    private let loop: EventLoop
    /// Deadlines are nanoseconds of the wall clock.
    private var alarms = TimerQueue()
    private var timer: TimerID?
    /// Seconds by which the wall clock is ahead of the boot clock. Changes only when the wall clock is set, because
    /// both clocks are slewed alike.
    private var lead = 0.0

    package init(loop: EventLoop) throws(SystemError) {
        let flags = Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK)
        watcher = Descriptor(
            owning: try System.call("create a timer") { timerfd_create(__clockid_t(CLOCK_REALTIME), flags) })
        self.loop = loop
        // In this order: if the clock is set in between, the watcher still detects it.
        lead = Self.measureLead()
        try loop.watch(watcher.number, for: .read) { [weak self] _ in self?.wake() }
        watch()
    }

    deinit { loop.unwatch(watcher.number) }

    /// The wall clock time at a time of the boot clock, as the wall clock is set now; seconds since the epoch.
    package func wallTime(at seconds: Double) -> Double { seconds + lead }

    /// Calls `action` when the wall clock reaches that many seconds since the epoch; soon if it has already.
    package func at(_ seconds: Double, _ action: @escaping () -> Void) -> TimerID {
        // 64-bit nanoseconds end in the year 2262.
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

    /// Checks whether the wall clock was set, for kernels that do not report it.
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
        // The loop's timers do not count suspended time.
        arm()
    }

    private func watch() {
        var time = itimerspec()
        time.it_value.tv_sec = .max
        let flags = Int32(TFD_TIMER_ABSTIME) | Int32(TFD_TIMER_CANCEL_ON_SET)
        // The clock was set since the watcher was made or last read. The watcher is armed nevertheless.
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

    /// Seconds that two measurements may differ by.
    private static let smallestChange = 0.001

    /// Takes the fastest of several measurements, because the thread may be preempted between two clocks.
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
