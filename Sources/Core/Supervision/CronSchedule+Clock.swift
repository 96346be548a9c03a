package import Model

/// A schedule when the wall clock is set.
extension CronSchedule {
    /// The next start; nil when there is none.
    ///
    /// A clock that was corrected by less than ``Limits/clockCorrection`` neither swallows a start nor repeats one; one that
    /// was set by more shows another time, and what was is no matter.
    ///
    /// - Parameters:
    ///   - now: what the clock shows, in seconds since the epoch, as are all times here.
    ///   - change: seconds by which it was set.
    ///   - pending: the start that was waited for.
    ///   - latest: the time that the latest run was started for.
    package func next(
        after now: Double, setBy change: Double, pending: Double?, latest: Double?, offset: Offset
    ) -> Int? {
        let isCorrection = abs(change) < Limits.clockCorrection
        if isCorrection, let pending, pending <= now, pending > now - change { return Int(pending) }
        // What goes by elapsed time is not late or early for it.
        let isRepetition = isCorrection && !isPeriodic && latest.map { $0 > now && $0 <= now - change } ?? false
        return next(after: Int((isRepetition ? latest ?? now : now).rounded(.down)), offset: offset)
    }
}
