package import Model

extension CronSchedule {
    /// The first matching minute after a given one; nil when there is none, as for 30 February.
    ///
    /// Time zones are not considered: the caller handles times that a clock change skips.
    package func next(after time: CivilTime) -> CivilTime? {
        guard let first = earliest(from: 0, 0) else { return nil }
        if isOn(time.year, time.month, time.day), let later = earliest(from: time.hour, time.minute + 1) {
            return CivilTime(
                year: time.year, month: time.month, day: time.day, hour: later.hour, minute: later.minute)
        }
        var day = time.day + 1
        var month = time.month
        var year = time.year
        // The calendar repeats after 400 years, including weekdays.
        while year <= time.year + 400 {
            if Self.holds(months, month) {
                let last = CivilTime.days(in: month, of: year)
                while day <= last {
                    if isOn(year, month, day) {
                        return CivilTime(year: year, month: month, day: day, hour: first.hour, minute: first.minute)
                    }
                    day += 1
                }
            }
            day = 1
            month += 1
            if month > 12 {
                month = 1
                year += 1
            }
        }
        return nil
    }

    private func isOn(_ year: Int, _ month: Int, _ day: Int) -> Bool {
        guard Self.holds(months, month) else { return false }
        let isDay = Self.holds(daysOfMonth, day)
        let isWeekday = Self.holds(daysOfWeek, CivilTime.weekday(year, month, day))
        return eitherDay ? isDay || isWeekday : isDay && isWeekday
    }

    /// The first matching time of a day, from the given minute on.
    private func earliest(from hour: Int, _ minute: Int) -> (hour: Int, minute: Int)? {
        if Self.holds(hours, hour), let minute = Self.lowest(minutes, from: minute, below: 60) { return (hour, minute) }
        guard let hour = Self.lowest(hours, from: hour + 1, below: 24) else { return nil }
        return Self.lowest(minutes, from: 0, below: 60).map { (hour, $0) }
    }

    private static func holds(_ bits: UInt64, _ value: Int) -> Bool { bits >> UInt64(value) & 1 == 1 }

    private static func lowest(_ bits: UInt64, from: Int, below: Int) -> Int? {
        let left = (bits >> UInt64(from)) << UInt64(from)
        return left.trailingZeroBitCount < below ? left.trailingZeroBitCount : nil
    }
}
