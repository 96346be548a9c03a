package import Model

/// A schedule in a time zone, with its clock changes.
///
/// A periodic schedule (every N minutes or hours) is due whenever the clocks show a matching time, twice if they show
/// it twice. Any other schedule is due once for each matching time: at the first occurrence if the clocks show it
/// twice, and right after the change if the clocks skip it. A skipped time of a periodic schedule is also made up for
/// right after the change, unless the next one follows within as many seconds as were skipped.
extension CronSchedule {
    /// Maps seconds since the epoch to the seconds by which a zone's clocks are ahead of UTC then.
    package typealias Offset = (Int) -> Int

    /// The first due time after `time`, in seconds since the epoch; nil when there is none, as for 30 February.
    package func next(after time: Int, offset: Offset) -> Int? {
        // Nothing is due from the start value of `time` up to the present one; at `time`, clocks are `ahead` of UTC.
        var time = time
        var ahead = offset(time)
        while let due = next(after: CivilTime(seconds: time + ahead))?.seconds {
            let instant = due - ahead
            // A far due time is approached in two steps: first up to `reach` after `time`, then from `reach` before the
            // due time. In between, no clock change can make the clocks show a matching time.
            let isFar = instant - time > 2 * Self.reach
            let end = isFar ? time + Self.reach : instant
            if let change = Self.change(of: offset, after: time, until: end, ahead) {
                let new = offset(change)
                if leavesOut(from: change + ahead, to: change + new, due) { return change }
                (time, ahead) = (change - 1, new)
            } else if isFar {
                time = instant - Self.reach
                ahead = offset(time)
            } else if !isPeriodic, Self.isRepeated(instant, offset) {
                time = instant
            } else {
                return instant
            }
        }
        return nil
    }

    /// Seconds: more than the offsets of any two zones that can be written differ (25 hours to each side of UTC).
    private static let reach = 3 * Self.day
    private static let day = 24 * 3_600
    /// Seconds: no zone has changed its clocks forth and back in less time.
    private static let stride = 3_600

    /// The first time after `time`, and up to `end`, at which clocks are no longer `ahead`; nil when there is none.
    private static func change(of offset: Offset, after time: Int, until end: Int, _ ahead: Int) -> Int? {
        var before = time
        while before < end {
            var after = min(before + stride, end)
            guard offset(after) != ahead else {
                before = after
                continue
            }
            while after - before > 1 {
                let middle = before + (after - before) / 2
                if offset(middle) == ahead { before = middle } else { after = middle }
            }
            return after
        }
        return nil
    }

    /// Whether the matching time `due` is skipped by a clock change, from `first` to `end`, and made up for.
    private func leavesOut(from first: Int, to end: Int, _ due: Int) -> Bool {
        guard due < end else { return false }
        // The times of a calendar day that a zone skipped entirely are not made up for.
        if !isPeriodic, end - first < Self.day { return true }
        guard let next = next(after: CivilTime(seconds: end - 1))?.seconds else { return true }
        return next - end >= end - first
    }

    /// Whether clocks showed the time of `instant` before, less than a day ago.
    private static func isRepeated(_ instant: Int, _ offset: Offset) -> Bool {
        let ahead = offset(instant)
        return (1...day / stride).contains { hours in
            let earlier = offset(instant - hours * stride)
            let back = earlier - ahead
            return back > 0 && back < day && offset(instant - back) == earlier
        }
    }
}
