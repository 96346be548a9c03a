import LinuxSystem

/// The state of a process with a schedule.
final class Timetable {
    /// How the latest run failed; nil when it succeeded.
    var failedRun: String?
    /// Seconds since the epoch, while the process waits for its schedule.
    var nextStart: Double?
    /// A start that an earlier worker or agent was waiting for, to be caught up; seconds since the epoch.
    var promisedStart: Double?
    /// The time of the schedule that the latest run was started for; seconds since the epoch.
    var latestStart: Double?
    /// The wall clock's timer for the next start.
    var alarm: TimerID?

    init(failedRun: String? = nil) { self.failedRun = failedRun }
}
