import LinuxSystem

/// What only a process that is started by a schedule has.
final class Timetable {
    /// How the latest run failed, until one succeeds.
    var failedRun: String?
    /// Seconds since the epoch, while the process waits for its schedule.
    var nextStart: Double?
    /// A start that an agent before this one has been waiting for; seconds since the epoch.
    var promisedStart: Double?
    /// The time of the schedule that the latest run was started for; seconds since the epoch.
    var latestStart: Double?
    /// Of the wall clock, until the next start.
    var alarm: TimerID?

    init(failedRun: String? = nil) { self.failedRun = failedRun }
}
