import LinuxSystem
import Model
import Supervision

/// The schedule of one process: the start that it waits for, and those that were missed or made.
///
/// All times are seconds since the epoch. `Supervisor` asks for the next start, has it awaited, and tells when it is
/// made.
final class Timetable {
    let schedule: CronSchedule
    /// How the latest run failed; nil when it succeeded.
    private(set) var failedRun: String?
    /// The start that the process waits for; nil while it does not wait, and when there is none.
    private(set) var nextStart: Double?
    /// A start that an earlier worker or agent was waiting for, until the next start is made.
    private(set) var promisedStart: Double?
    /// The time of the schedule that the latest run was started for.
    private var latestStart: Double?
    /// The wall clock's timer for the next start.
    private var alarm: TimerID?

    init(_ schedule: CronSchedule, failedRun: String? = nil) {
        self.schedule = schedule
        self.failedRun = failedRun
    }

    /// Takes over a start that an earlier worker or agent was waiting for. It is made at once if it is due.
    func catchUp(on start: Double?) { promisedStart = promisedStart ?? start }

    // MARK: The next start

    /// Now or earlier when an inherited start is due; nil is never.
    func start(after now: Double, offset: CronSchedule.Offset = LocalTime.offset) -> Double? {
        overdueStart(now) ?? regularStart(after: now, offset: offset)
    }

    /// The next time of the schedule.
    func regularStart(after now: Double, offset: CronSchedule.Offset = LocalTime.offset) -> Double? {
        schedule.next(after: Int(now.rounded(.down)), offset: offset).map { Double($0) }
    }

    /// The next start after the wall clock was set to `now`, forward by `change` seconds.
    func start(after now: Double, setBy change: Double, offset: CronSchedule.Offset = LocalTime.offset) -> Double? {
        let next = schedule.next(
            after: now, setBy: change, pending: nextStart, latest: latestStart, offset: offset)
        return overdueStart(now) ?? next.map { Double($0) }
    }

    private func overdueStart(_ now: Double) -> Double? { promisedStart.flatMap { $0 <= now ? $0 : nil } }

    // MARK: Waiting

    /// Waits for a start, and for no other any more.
    ///
    /// - Parameters:
    ///   - start: nil is never.
    ///   - due: called at that time.
    func await(_ start: Double?, by clock: SystemClock, due: @escaping (Double) -> Void) {
        clock.cancel(alarm)
        nextStart = start
        alarm = start.map { start in clock.at(start) { due(start) } }
    }

    func stopWaiting(by clock: SystemClock) {
        clock.cancel(alarm)
        nextStart = nil
    }

    /// The process is started for that time of the schedule.
    func begin(_ start: Double) {
        nextStart = nil
        latestStart = start
        promisedStart = nil
    }

    /// - Parameter failure: nil when the run has succeeded.
    /// - Returns: whether ``failedRun`` has changed.
    func ended(_ failure: String?) -> Bool {
        guard failedRun != failure else { return false }
        failedRun = failure
        return true
    }
}
