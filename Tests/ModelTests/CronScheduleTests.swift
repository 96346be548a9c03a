import Model
import Testing

struct CronScheduleTests {
    private static func bits(_ values: some Sequence<Int>) -> UInt64 { values.reduce(0) { $0 | 1 << UInt64($1) } }

    private static let everyDay = bits(1...31)
    private static let everyMonth = bits(1...12)

    @Test func `a star selects every value`() throws {
        let schedule = try CronSchedule("* * * * *")
        #expect(schedule.minutes == Self.bits(0...59))
        #expect(schedule.hours == Self.bits(0...23))
        #expect(schedule.daysOfMonth == Self.everyDay)
        #expect(schedule.months == Self.everyMonth)
        #expect(schedule.daysOfWeek == Self.bits(0...6))
        #expect(!schedule.eitherDay)
        #expect(schedule.text == "* * * * *")
    }

    @Test(
        arguments: [
            ("0", [0]), ("59", [59]), ("07", [7]), ("1,2,59", [1, 2, 59]), ("5-8", [5, 6, 7, 8]), ("5-5", [5]),
            ("*/20", [0, 20, 40]), ("*/100", [0]), ("10-40/10", [10, 20, 30, 40]), ("10-39/10,3", [3, 10, 20, 30]),
            ("1,1,1-2", [1, 2]),
        ] as [(String, [Int])])
    func `lists, ranges and steps`(field: String, values: [Int]) throws {
        #expect(try CronSchedule("\(field) * * * *").minutes == Self.bits(values))
    }

    @Test(
        arguments: [
            ("MON", [1]), ("sun", [0]), ("7", [0]), ("0-7", [0, 1, 2, 3, 4, 5, 6]), ("5-7", [0, 5, 6]),
            ("Mon-Fri", [1, 2, 3, 4, 5]), ("MON-FRI/2", [1, 3, 5]), ("SAT,SUN", [0, 6]), ("*/2", [0, 2, 4, 6]),
        ] as [(String, [Int])])
    func `days have names, and Sunday two numbers`(field: String, values: [Int]) throws {
        #expect(try CronSchedule("0 0 * * \(field)").daysOfWeek == Self.bits(values))
    }

    @Test(arguments: [("JAN", [1]), ("dec", [12]), ("JAN-MAR,Jul", [1, 2, 3, 7])] as [(String, [Int])])
    func `months have names`(field: String, values: [Int]) throws {
        #expect(try CronSchedule("0 0 1 \(field) *").months == Self.bits(values))
    }

    @Test(arguments: [
        ("0 0 1 * *", false), ("0 0 * * 1", false), ("0 0 1 * 1", true), ("0 0 */2 * 1", false),
        ("0 0 1 * */2", false), ("0 0 1-31 * 0-6", true),
    ])
    func `with two restricted day fields, either one suffices`(text: String, either: Bool) throws {
        #expect(try CronSchedule(text).eitherDay == either)
    }

    @Test(arguments: [
        ("* * * * *", true), ("*/5 * * * *", true), ("0 * * * *", true), ("0 */2 * * *", true), ("*/30 2 * * *", true),
        ("0 0-23 * * *", true), ("0-59 4 * * *", true), ("5-59/10 4 * * *", true), ("@hourly", true),
        ("0 0 * * *", false), ("0,30 2,14 * * *", false), ("0-10 2 * * *", false), ("0 */24 * * *", false),
        ("@daily", false), ("0 3 */2 * *", false),
    ])
    func `periodic schedules are distinguished from times of the day`(text: String, isPeriodic: Bool) throws {
        #expect(try CronSchedule(text).isPeriodic == isPeriodic)
    }

    @Test(arguments: [
        ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), ("@daily", " 0\t0 * *  * "),
    ])
    func `a keyword stands for five fields`(word: String, fields: String) throws {
        let (left, right) = (try CronSchedule(word), try CronSchedule(fields))
        #expect(left.text == word)
        #expect(left.minutes == right.minutes && left.hours == right.hours)
        #expect(left.daysOfMonth == right.daysOfMonth && left.months == right.months)
        #expect(left.daysOfWeek == right.daysOfWeek && left.eitherDay == right.eitherDay)
    }

    @Test(arguments: [
        ("", "it needs minute, hour, day of month, month and day of week"),
        ("* * * *", "it needs minute, hour, day of month, month and day of week"),
        ("* * * * * *", "it needs minute, hour, day of month, month and day of week"),
        ("60 * * * *", #"its minute can't be "60""#), ("-1 * * * *", #"its minute can't be """#),
        ("1- * * * *", #"its minute can't be """#), ("5-1 * * * *", #"its minute can't be "5-1""#),
        ("5/2 * * * *", #"its minute can't be "5/2""#), ("*/0 * * * *", #"its minute can't be "*/0""#),
        ("*/ * * * *", #"its minute can't be "*/""#), ("*/-1 * * * *", #"its minute can't be "*/-1""#),
        ("1,,2 * * * *", #"its minute can't be """#), ("1, * * * *", #"its minute can't be """#),
        ("+1 * * * *", #"its minute can't be "+1""#), ("0001 * * * *", #"its minute can't be "0001""#),
        ("1.5 * * * *", #"its minute can't be "1.5""#), ("** * * * *", #"its minute can't be "**""#),
        ("1-2-3 * * * *", #"its minute can't be "2-3""#), ("*-5 * * * *", #"its minute can't be "*""#),
        ("MON * * * *", #"its minute can't be "MON""#), ("* 24 * * *", #"its hour can't be "24""#),
        ("* * 0 * *", #"its day of month can't be "0""#), ("* * 32 * *", #"its day of month can't be "32""#),
        ("* * * 0 *", #"its month can't be "0""#), ("* * * 13 *", #"its month can't be "13""#),
        ("* * * MON *", #"its month can't be "MON""#), ("* * * * 8", #"its day of week can't be "8""#),
        ("* * * * fri-mon", #"its day of week can't be "fri-mon""#),
        ("0 0 31 2,4 *", "it names a day that no year has"), ("0 0 30 FEB */2", "it names a day that no year has"),
        ("@reboot", #"it can't be "@reboot""#), ("@Daily", #"it can't be "@Daily""#), ("@", #"it can't be "@""#),
    ])
    func `an invalid schedule is refused`(text: String, detail: String) {
        #expect(throws: Failure(.invalidArgument, detail)) { try CronSchedule(text) }
    }

    @Test(arguments: ["0 0 29 2 *", "0 0 31 2 1", "0 0 31 1,2 *"]) func `a rare day is accepted`(text: String) throws {
        #expect(try CronSchedule(text).text == text)
    }

    @Test func `256 bytes are accepted, but not one more`() throws {
        let fields = " * * * *"
        let list = Array(repeating: "1", count: 124).joined(separator: ",")
        #expect((list + "1" + fields).utf8.count == 256)
        #expect(try CronSchedule(list + "1" + fields).minutes == Self.bits([1, 11]))
        #expect(throws: Failure(.invalidArgument, "it is longer than 256 bytes")) {
            try CronSchedule(list + "1" + fields + " ")
        }
    }
}
