package import Model

/// Scheduled starts when the wall clock is set.
extension CronSchedule {
    /// The next start; nil when there is none.
    ///
    /// A change by less than ``Limits/clockCorrection`` is a correction, which neither skips a start nor repeats one.
    /// After a larger change, only the new time counts.
    ///
    /// - Parameters:
    ///   - now: the time that the clock shows, in seconds since the epoch, as are all times here.
    ///   - change: seconds by which the clock was set.
    ///   - pending: the start that was awaited.
    ///   - latest: the scheduled time of the latest run.
    package func next(
        after now: Double, setBy change: Double, pending: Double?, latest: Double?, offset: Offset
    ) -> Int? {
        let isCorrection = abs(change) < Limits.clockCorrection
        if isCorrection, let pending, pending <= now, pending > now - change { return Int(pending) }
        // A periodic schedule follows elapsed time: no start of it is a repetition.
        let isRepetition = isCorrection && !isPeriodic && latest.map { $0 > now && $0 <= now - change } ?? false
        return next(after: Int((isRepetition ? latest ?? now : now).rounded(.down)), offset: offset)
    }
}
