import Model
import Supervision

/// The next time of a schedule is later than the start, matches the schedule, and no minute in between matches.
enum ScheduleFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        var input = ByteReader(bytes)
        let start = CivilTime(
            year: 2000 + Int(input.byte()), month: 1 + Int(input.byte()) % 12, day: 1 + Int(input.byte()) % 28,
            hour: Int(input.byte()) % 24, minute: Int(input.byte()) % 60)
        guard let text = input.text(), let schedule = try? CronSchedule(text) else { return }
        try hold(schedule.minutes != 0 && schedule.hours != 0, "\(text) has no time of day")
        try hold(
            schedule.minutes >> 60 == 0 && schedule.hours >> 24 == 0 && schedule.daysOfMonth >> 32 == 0
                && schedule.months >> 13 == 0 && schedule.daysOfWeek >> 7 == 0, "\(text) has impossible values")
        let next = try need(schedule.next(after: start), "\(text) has no next time")
        try hold(isOn(schedule, next), "\(text) does not match \(next)")
        var time = start
        for _ in 0..<3_000 {
            time = later(time)
            if time == next { return }
            try hold(!isOn(schedule, time), "\(text) matches \(time) before \(next)")
        }
    }

    private static func isOn(_ schedule: CronSchedule, _ time: CivilTime) -> Bool {
        func has(_ bits: UInt64, _ value: Int) -> Bool { bits & (1 << UInt64(value)) != 0 }
        let isDay = has(schedule.daysOfMonth, time.day)
        let isWeekday = has(schedule.daysOfWeek, CivilTime.weekday(time.year, time.month, time.day))
        return has(schedule.minutes, time.minute) && has(schedule.hours, time.hour) && has(schedule.months, time.month)
            && (schedule.eitherDay ? isDay || isWeekday : isDay && isWeekday)
    }

    /// One minute later.
    private static func later(_ time: CivilTime) -> CivilTime {
        var time = time
        time.minute += 1
        if time.minute == 60 { (time.hour, time.minute) = (time.hour + 1, 0) }
        if time.hour == 24 { (time.day, time.hour) = (time.day + 1, 0) }
        if time.day > CivilTime.days(in: time.month, of: time.year) { (time.month, time.day) = (time.month + 1, 1) }
        if time.month == 13 { (time.year, time.month) = (time.year + 1, 1) }
        return time
    }
}
