package import Model

/// A schedule in a time zone. Its times are those of the zone's clocks, and clocks are changed.
///
/// What is due every so many minutes or hours comes whenever the clocks show such a time, twice where they show it twice. What
/// is due at times of the day comes once for each: the first time where the clocks show it twice, and right after the
/// change where they leave it out. So does what is periodic, unless it comes anyway within as long as was left out.
extension CronSchedule {
    /// Seconds by which a zone's clocks are ahead of UTC, at a number of seconds since the epoch.
    package typealias Offset = (Int) -> Int

    /// The first of its times after that one, in seconds since the epoch; nil when there is none, as on 30 February.
    package func next(after time: Int, offset: Offset) -> Int? {
        // Nothing is due from the beginning up to and including `time`; there, clocks are `ahead`.
        var time = time
        var ahead = offset(time)
        while let due = next(after: CivilTime(seconds: time + ahead))?.seconds {
            let instant = due - ahead
            // Between what is near and what is near its time, the clocks show nothing that it waits for.
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

    /// Seconds: more than two clocks can differ by, of any zone that can be written (25 hours to each side of UTC).
    private static let reach = 3 * Self.day
    private static let day = 24 * 3_600
    /// Seconds: no zone has changed its clocks to and fro in so short a time.
    private static let stride = 3_600

    /// When clocks are no longer `ahead`, as they were at `time`.
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

    /// Whether its time `due`, which the clocks don't show, is made up for.
    private func leavesOut(from first: Int, to end: Int, _ due: Int) -> Bool {
        guard due < end else { return false }
        // A day that a country has left out is none that it has had.
        if !isPeriodic, end - first < Self.day { return true }
        guard let next = next(after: CivilTime(seconds: end - 1))?.seconds else { return true }
        return next - end >= end - first
    }

    /// Whether clocks have shown the time of `instant` before, less than a day ago.
    private static func isRepeated(_ instant: Int, _ offset: Offset) -> Bool {
        let ahead = offset(instant)
        return (1...day / stride).contains { hours in
            let earlier = offset(instant - hours * stride)
            let back = earlier - ahead
            return back > 0 && back < day && offset(instant - back) == earlier
        }
    }
}
