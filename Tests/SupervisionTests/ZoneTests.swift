import Model
import Supervision
import TestSupport
import Testing

/// Schedules around clock changes: by half an hour, at midnight, by a whole day, backwards in summer.
struct ZoneTests {
    private static let zones = [
        ("Europe/Berlin", 2026), ("America/New_York", 2026), ("Australia/Lord_Howe", 2026), ("America/Sao_Paulo", 2017),
        ("Asia/Beirut", 2024), ("Africa/Cairo", 2025), ("Pacific/Apia", 2011), ("Pacific/Kwajalein", 1993),
        ("Europe/Dublin", 2026), ("Africa/Casablanca", 2026), ("Atlantic/Azores", 2026), ("Antarctica/Troll", 2026),
        ("Asia/Kathmandu", 1985), ("UTC", 2026),
        ("CET-1CEST,M3.5.0,M10.5.0/3", 2026), ("IST-1GMT0,M10.5.0,M3.5.0/1", 2026),
        ("LHST-10:30LHDT-11,M10.1.0,M4.1.0", 2026), ("AAA0BBB-5,M3.2.0/1,M11.1.0/6", 2026),
        ("AAA-14BBB-10,M3.2.0,M11.1.0", 2026), ("AAA12BBB-12,M3.2.0/1,M11.1.0/6", 2026),
        ("AAA0:20BBB-0:25,M3.2.0/0,M11.1.0/0", 2026),
    ]

    private static let schedules = [
        "* * * * *", "*/7 * * * *", "0 * * * *", "30 * * * *", "0 */2 * * *", "*/30 2 * * *", "0 0 * * *",
        "30 0 * * *", "15 1 * * *", "45 1 * * *", "0 2 * * *", "15 2 * * *", "30 2,3 * * *", "0-10 2 * * *",
        "15 23 * * *", "0 0,12 * * *", "0 12 * * 5", "0 0 1 * *", "30 12 30 12 *", "0 2 * * 0",
    ]

    private static func start(of year: Int) -> Int {
        CivilTime(year: year, month: 1, day: 1, hour: 0, minute: 0).seconds
    }

    private static func zone(_ name: String, _ year: Int) throws -> Zone {
        try Zone(name, from: start(of: year - 1), to: start(of: year + 2))
    }

    @Test(arguments: zones)
    func `near each change the starts are those of a watched clock`(name: String, year: Int) throws {
        let zone = try Self.zone(name, year)
        let changes = zone.changes.filter { (Self.start(of: year)..<Self.start(of: year + 1)).contains($0) }
        #expect(changes.isEmpty == (name == "UTC"))
        var seed = Seed.fresh()
        let replay = seed.description
        for text in Self.schedules + (0..<5).map({ _ in Self.random(&seed) }) {
            let schedule = try CronSchedule(text)
            for change in changes.isEmpty ? [Self.start(of: year)] : changes {
                let watched = WatchedClock(zone, schedule, from: change - 2 * 86_400, to: change + 3 * 86_400)
                var expected = watched.due[...]
                for minute in -1_440..<1_440 where abs(minute) < 120 || minute.isMultiple(of: 37) {
                    // Not only at full minutes.
                    let now = change + minute * 60 + abs(minute) % 60
                    while let first = expected.first, first <= now { expected.removeFirst() }
                    let next = try #require(schedule.next(after: now, offset: zone.offset))
                    guard next > now, next == expected.first || expected.isEmpty && next >= watched.end else {
                        Issue.record(
                            "\(text) in \(name) after \(now): \(next), not \(expected.first ?? -1), change \(change), \(replay)"
                        )
                        return
                    }
                }
            }
        }
    }

    private static func random(_ seed: inout Seed) -> String {
        func field(_ range: ClosedRange<Int>) -> String {
            switch Int.random(in: 0..<4, using: &seed) {
            case 0: "*"
            case 1: "*/\(Int.random(in: 2...range.upperBound, using: &seed))"
            default: "\(Int.random(in: range, using: &seed))"
            }
        }
        return "\(field(0...59)) \(field(0...23)) * * \(field(0...6))"
    }

    @Test(arguments: zones + [("Europe/Amsterdam", 1937)])
    func `over a year each start is later than the previous one`(name: String, year: Int) throws {
        let zone = try Self.zone(name, year)
        for text in Self.schedules {
            let schedule = try CronSchedule(text)
            var time = Self.start(of: year), count = 0
            while time < Self.start(of: year + 1), count < 2_000 {
                let next = try #require(schedule.next(after: time, offset: zone.offset))
                guard next > time else {
                    Issue.record("\(text) in \(name): \(next) is not after \(time)")
                    return
                }
                // The next start is the same when it is searched from just before it.
                #expect(schedule.next(after: next - 1, offset: zone.offset) == next)
                time = next
                count += 1
            }
            #expect(count > 0)
        }
    }

    @Test(
        arguments: [
            // Berlin, 29 March 2026: 2:00 is 3:00.
            ("Europe/Berlin", "30 2 * * *", (3, 29, 0, 0), [(3, 29, 3, 0), (3, 30, 2, 30)]),
            ("Europe/Berlin", "0 */2 * * *", (3, 29, 0, 0), [(3, 29, 3, 0), (3, 29, 4, 0)]),
            ("Europe/Berlin", "30 * * * *", (3, 29, 1, 0), [(3, 29, 1, 30), (3, 29, 3, 30)]),
            ("Europe/Berlin", "30 2,3 * * *", (3, 29, 0, 0), [(3, 29, 3, 0), (3, 29, 3, 30), (3, 30, 2, 30)]),
            // 25 October: 3:00 is 2:00.
            ("Europe/Berlin", "30 2 * * *", (10, 25, 0, 0), [(10, 25, 2, 30), (10, 26, 2, 30)]),
            ("Europe/Berlin", "30 * * * *", (10, 25, 1, 45), [(10, 25, 2, 30), (10, 25, 2, 30), (10, 25, 3, 30)]),
            ("Europe/Berlin", "*/30 * * * *", (10, 25, 2, 15), [(10, 25, 2, 30), (10, 25, 2, 0), (10, 25, 2, 30)]),
            // Lord Howe, 4 October: 2:00 is 2:30; 5 April: 2:00 is 1:30.
            ("Australia/Lord_Howe", "15 2 * * *", (10, 4, 0, 0), [(10, 4, 2, 30), (10, 5, 2, 15)]),
            ("Australia/Lord_Howe", "45 1 * * *", (4, 5, 0, 0), [(4, 5, 1, 45), (4, 6, 1, 45)]),
            ("Australia/Lord_Howe", "*/15 * * * *", (4, 5, 1, 40), [(4, 5, 1, 45), (4, 5, 1, 30), (4, 5, 1, 45)]),
        ] as [(String, String, (Int, Int, Int, Int), [(Int, Int, Int, Int)])])
    func `skipped times come right after the change, and repeated ones come once`(
        name: String, text: String, after: (Int, Int, Int, Int), expected: [(Int, Int, Int, Int)]
    ) throws {
        let zone = try Self.zone(name, 2026)
        let schedule = try CronSchedule(text)
        func civil(_ time: (Int, Int, Int, Int)) -> CivilTime {
            CivilTime(year: 2026, month: time.0, day: time.1, hour: time.2, minute: time.3)
        }
        let start = civil(after).seconds
        // The offset is that before the change.
        var time = start - zone.offset(at: start - 86_400)
        for expected in expected {
            time = try #require(schedule.next(after: time, offset: zone.offset))
            #expect(CivilTime(seconds: time + zone.offset(at: time)) == civil(expected))
        }
    }

    @Test func `a skipped day is not made up for, unless a schedule has only that day`() throws {
        let zone = try Self.zone("Pacific/Apia", 2011)
        let friday = CivilTime(year: 2011, month: 12, day: 30, hour: 12, minute: 0).seconds
        let thursday = friday - 86_400 - zone.offset(at: friday - 3 * 86_400)
        #expect(try CronSchedule("0 12 * * *").next(after: thursday, offset: zone.offset) == thursday + 86_400)
        #expect(try CronSchedule("0 12 * * 5").next(after: thursday, offset: zone.offset) == thursday + 43_200)
        #expect(try CronSchedule("0 12 30 * *").next(after: thursday, offset: zone.offset) == thursday + 43_200)
    }

    @Test func `a schedule without any time gives nil in any zone, and a distant time is found`() throws {
        let zone = try Self.zone("Europe/Berlin", 2026)
        let never = CronSchedule(
            text: "", minutes: 1, hours: 1, daysOfMonth: 1 << 30, months: 1 << 2, daysOfWeek: 0x7F, eitherDay: false,
            isPeriodic: false)
        #expect(never.next(after: Self.start(of: 2026), offset: zone.offset) == nil)
        let leapDay = CivilTime(year: 2028, month: 2, day: 29, hour: 4, minute: 30).seconds
        #expect(
            try CronSchedule("30 4 29 2 *").next(after: Self.start(of: 2026), offset: zone.offset) == leapDay - 3_600)
    }
}

/// The due times of a schedule from looking at a zone's clocks every minute: an independent computation.
private struct WatchedClock {
    private(set) var due: [Int] = []
    let end: Int

    init(_ zone: Zone, _ schedule: CronSchedule, from first: Int, to last: Int) {
        func holds(_ bits: UInt64, _ value: Int) -> Bool { bits >> UInt64(value) & 1 == 1 }
        func isOn(_ seconds: Int) -> Bool {
            let time = CivilTime(seconds: seconds)
            let isDay = holds(schedule.daysOfMonth, time.day)
            let isWeekday = holds(schedule.daysOfWeek, CivilTime.weekday(time.year, time.month, time.day))
            return holds(schedule.minutes, time.minute) && holds(schedule.hours, time.hour)
                && holds(schedule.months, time.month) && (schedule.eitherDay ? isDay || isWeekday : isDay && isWeekday)
        }
        end = last
        var seen: [Int: Int] = [:]
        var local = first + zone.offset(at: first) - 60
        for time in stride(from: first, to: last, by: 60) {
            let shown = time + zone.offset(at: time)
            let length = shown - local - 60
            if length > 0 {
                let isLeftOut = stride(from: local + 60, to: shown, by: 60).contains(where: isOn)
                let isDueSoon = stride(from: shown, to: shown + length, by: 60).contains(where: isOn)
                let isMadeUpFor = !schedule.isPeriodic && length < 86_400 || !isDueSoon
                if isLeftOut, isMadeUpFor { due.append(time) }
            }
            local = shown
            let before = seen.updateValue(time, forKey: shown)
            let isRepeated = before.map { time - $0 < 86_400 } ?? false
            guard isOn(shown), due.last != time else { continue }
            if schedule.isPeriodic || !isRepeated { due.append(time) }
        }
    }
}
