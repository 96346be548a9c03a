/// A date and a time of day to the minute, in the proleptic Gregorian calendar.
package struct CivilTime: Hashable, Sendable {
    package var year: Int
    /// 1 to 12.
    package var month: Int
    /// 1 to 31.
    package var day: Int
    /// 0 to 23.
    package var hour: Int
    /// 0 to 59.
    package var minute: Int

    package init(year: Int, month: Int, day: Int, hour: Int, minute: Int) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
    }

    /// - Parameter seconds: seconds since the beginning of 1970 on the same clock.
    package init(seconds: Int) {
        let minutes = Self.quotient(seconds, 60)
        let days = Self.quotient(minutes, 24 * 60)
        // Years begin in March here, so that a leap day is the last day of a year; day 0 is 1 March of year 0.
        let day = days + 719_468
        let era = Self.quotient(day, Self.daysPerEra)
        let dayOfEra = day - era * Self.daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        self.init(
            year: era * 400 + yearOfEra + (month < 10 ? 0 : 1), month: month < 10 ? month + 3 : month - 9,
            day: dayOfYear - (153 * month + 2) / 5 + 1, hour: (minutes - days * 24 * 60) / 60,
            minute: (minutes - days * 24 * 60) % 60)
    }

    /// Seconds since the beginning of 1970 on the same clock.
    package var seconds: Int {
        let year = month < 3 ? self.year - 1 : self.year
        let era = Self.quotient(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month < 3 ? month + 9 : month - 3) + 2) / 5 + day - 1
        let days = era * Self.daysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return ((days * 24 + hour) * 60 + minute) * 60
    }

    /// The calendar repeats after 400 years.
    private static let daysPerEra = 146_097

    /// Division that rounds down, also for negative values.
    private static func quotient(_ value: Int, _ divisor: Int) -> Int {
        let quotient = value / divisor
        return value < 0 && quotient * divisor != value ? quotient - 1 : quotient
    }

    package static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Sunday is 0. Sakamoto's method: years begin in March, so that a leap day is the last day of a year.
    package static func weekday(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let offsets = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let y = month < 3 ? year - 1 : year
        return (y + y / 4 - y / 100 + y / 400 + offsets[(month - 1) % 12] + day) % 7
    }
}
