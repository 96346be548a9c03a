import Model
import Supervision
import TestSupport
import Testing

struct CronScheduleTests {
    private static func bits(_ values: some Sequence<Int>) -> UInt64 { values.reduce(0) { $0 | 1 << UInt64($1) } }

    private static func schedule(
        minutes: [Int] = Array(0..<60), hours: [Int] = Array(0..<24), days: [Int] = Array(1...31),
        months: [Int] = Array(1...12), weekdays: [Int] = Array(0..<7), eitherDay: Bool = false
    ) -> CronSchedule {
        CronSchedule(
            text: "", minutes: bits(minutes), hours: bits(hours), daysOfMonth: bits(days), months: bits(months),
            daysOfWeek: bits(weekdays), eitherDay: eitherDay, isPeriodic: false)
    }

    private static func time(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0) -> CivilTime {
        CivilTime(year: year, month: month, day: day, hour: hour, minute: minute)
    }

    @Test(arguments: [
        // * * * * *
        (schedule(), time(2026, 11, 21, 12, 30), time(2026, 11, 21, 12, 31)),
        (schedule(), time(2026, 12, 31, 23, 59), time(2027, 1, 1)),
        // 30 4 * * *
        (schedule(minutes: [30], hours: [4]), time(2026, 2, 28, 4, 29), time(2026, 2, 28, 4, 30)),
        (schedule(minutes: [30], hours: [4]), time(2026, 2, 28, 4, 30), time(2026, 3, 1, 4, 30)),
        (schedule(minutes: [30], hours: [4]), time(2028, 2, 28, 4, 30), time(2028, 2, 29, 4, 30)),
        // 0,30 9-17 * * 1-5: Friday to Monday
        (
            schedule(minutes: [0, 30], hours: Array(9...17), weekdays: Array(1...5)), time(2026, 11, 20, 17, 30),
            time(2026, 11, 23, 9)
        ),
        // 0 0 31 * *
        (schedule(minutes: [0], hours: [0], days: [31]), time(2026, 8, 31), time(2026, 10, 31)),
        // 0 0 29 2 *: 2100 is not a leap year
        (schedule(minutes: [0], hours: [0], days: [29], months: [2]), time(2096, 2, 29), time(2104, 2, 29)),
        // 0 0 13 * 5: the 13th, or a Friday
        (
            schedule(minutes: [0], hours: [0], days: [13], weekdays: [5], eitherDay: true), time(2026, 11, 7),
            time(2026, 11, 13)
        ),
        (
            schedule(minutes: [0], hours: [0], days: [13], weekdays: [5], eitherDay: true), time(2026, 11, 13),
            time(2026, 11, 20)
        ),
        (
            schedule(minutes: [0], hours: [0], days: [13], weekdays: [5], eitherDay: true), time(2026, 12, 11),
            time(2026, 12, 13)
        ),
        // both days must match, as for */1 in a day field in Vixie cron: Friday the 13th
        (schedule(minutes: [0], hours: [0], days: [13], weekdays: [5]), time(2026, 11, 13), time(2027, 8, 13)),
        // a leap day that is a Monday comes every 28 years, but here after 40
        (
            schedule(minutes: [0], hours: [0], days: [29], months: [2], weekdays: [1]), time(2072, 2, 29),
            time(2112, 2, 29)
        ),
    ])
    func `the next time is found`(schedule: CronSchedule, after: CivilTime, next: CivilTime) {
        #expect(schedule.next(after: after) == next)
    }

    @Test(arguments: [
        schedule(days: [30], months: [2]), schedule(days: [31], months: [2, 4, 6, 9, 11]), schedule(minutes: []),
        schedule(hours: []), schedule(days: []), schedule(months: []), schedule(weekdays: []),
    ])
    func `a schedule without any time gives nil`(schedule: CronSchedule) {
        #expect(schedule.next(after: Self.time(2026, 11, 21)) == nil)
    }

    @Test func `weekdays are consecutive over four centuries`() {
        // 1 January 1970 was a Thursday.
        var weekday = 4
        for year in 1970..<2370 {
            for month in 1...12 {
                for day in 1...CivilTime.days(in: month, of: year) {
                    guard CivilTime.weekday(year, month, day) == weekday else {
                        Issue.record("\(year)-\(month)-\(day) is not \(weekday)")
                        return
                    }
                    weekday = (weekday + 1) % 7
                }
            }
        }
    }

    @Test func `seconds and calendar agree over eight centuries`() {
        var seconds = CivilTime(year: 1600, month: 1, day: 1, hour: 0, minute: 0).seconds
        #expect(CivilTime(year: 1970, month: 1, day: 1, hour: 0, minute: 0).seconds == 0)
        #expect(CivilTime(year: 2026, month: 11, day: 30, hour: 9, minute: 53).seconds == 1_796_032_380)
        for year in 1600..<2400 {
            for month in 1...12 {
                for day in 1...CivilTime.days(in: month, of: year) {
                    let time = CivilTime(year: year, month: month, day: day, hour: 23, minute: 59)
                    let isSame = time.seconds == seconds + 86_340 && CivilTime(seconds: seconds + 86_399) == time
                    guard isSame, CivilTime(seconds: seconds).hour == 0 else {
                        Issue.record("\(time) is \(time.seconds), not \(seconds + 86_340)")
                        return
                    }
                    seconds += 86_400
                }
            }
        }
    }

    @Test func `the next time is that of a search minute by minute`() {
        var seed = Seed.fresh()
        let name = seed.description
        for _ in 0..<200 {
            let schedule = Self.random(&seed)
            let start = Self.time(
                .random(in: 1999...2030, using: &seed), .random(in: 1...12, using: &seed),
                .random(in: 1...28, using: &seed), .random(in: 0...23, using: &seed),
                .random(in: 0...59, using: &seed))
            // Nearly all schedules have a time within 40 days.
            let walked = Self.walk(schedule, from: start, days: 40)
            let next = schedule.next(after: start)
            if let walked { #expect(next == walked, "\(schedule) after \(start), \(name)") }
            if walked == nil, let next { #expect(Self.days(from: start, to: next) >= 40, "\(schedule), \(name)") }
        }
    }

    private static func random(_ seed: inout Seed) -> CronSchedule {
        func some(_ range: ClosedRange<Int>) -> [Int] {
            Bool.random(using: &seed) ? Array(range) : range.filter { _ in Int.random(in: 0..<6, using: &seed) == 0 }
        }
        return schedule(
            minutes: some(0...59), hours: some(0...23), days: some(1...31), months: some(1...12),
            weekdays: some(0...6), eitherDay: Bool.random(using: &seed))
    }

    private static func walk(_ schedule: CronSchedule, from start: CivilTime, days: Int) -> CivilTime? {
        func holds(_ bits: UInt64, _ value: Int) -> Bool { bits & (1 << UInt64(value)) != 0 }
        var time = start
        for _ in 0..<days * 24 * 60 {
            time = minuteAfter(time)
            let isDay = holds(schedule.daysOfMonth, time.day)
            let isWeekday = holds(schedule.daysOfWeek, CivilTime.weekday(time.year, time.month, time.day))
            let isOn = schedule.eitherDay ? isDay || isWeekday : isDay && isWeekday
            let isTime = holds(schedule.hours, time.hour) && holds(schedule.minutes, time.minute)
            if isOn, isTime, holds(schedule.months, time.month) { return time }
        }
        return nil
    }

    private static func minuteAfter(_ time: CivilTime) -> CivilTime {
        var time = time
        time.minute += 1
        if time.minute == 60 { (time.hour, time.minute) = (time.hour + 1, 0) }
        if time.hour == 24 { (time.day, time.hour) = (time.day + 1, 0) }
        if time.day > CivilTime.days(in: time.month, of: time.year) { (time.month, time.day) = (time.month + 1, 1) }
        if time.month == 13 { (time.year, time.month) = (time.year + 1, 1) }
        return time
    }

    private static func days(from start: CivilTime, to end: CivilTime) -> Int {
        var time = start
        var days = 0
        while (time.year, time.month, time.day) < (end.year, end.month, end.day) {
            time.hour = 23
            time.minute = 59
            time = minuteAfter(time)
            days += 1
        }
        return days
    }
}
