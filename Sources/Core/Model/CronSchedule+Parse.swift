extension CronSchedule {
    /// Parses minute, hour, day of month, month and day of week (`*/5 8-17 * * MON-FRI`), or a keyword such as
    /// `@daily`.
    ///
    /// - Throws: invalid_argument; the detail is a clause about the schedule ("its hour can't be …").
    package init(_ text: String) throws(Failure) {
        guard text.utf8.count <= Limits.schedule else {
            throw Failure(.invalidArgument, "it is longer than \(Limits.schedule) bytes")
        }
        let line = text.utf8.first == UInt8(ascii: "@") ? try Self.line(for: text) : text
        let fields = line.split { $0 == " " || $0 == "\t" }
        guard fields.count == 5 else {
            throw Failure(.invalidArgument, "it needs minute, hour, day of month, month and day of week")
        }
        let weekdays = try CronField.dayOfWeek.bits(fields[4])
        let minutes = try CronField.minute.bits(fields[0]), hours = try CronField.hour.bits(fields[1])
        self.init(
            text: text, minutes: minutes, hours: hours, daysOfMonth: try CronField.dayOfMonth.bits(fields[2]),
            months: try CronField.month.bits(fields[3]),
            daysOfWeek: (weekdays & 0x7F) | (weekdays >> 7),
            // According to crontab(5), a day field that begins with * restricts nothing, even with a step.
            eitherDay: ![fields[2], fields[4]].contains { $0.utf8.first == UInt8(ascii: "*") },
            isPeriodic: CronField.minute.isPeriodic(fields[0], minutes) || CronField.hour.isPeriodic(fields[1], hours))
        guard eitherDay || hasDay else { throw Failure(.invalidArgument, "it names a day that no year has") }
    }

    /// Whether at least one of the selected months has one of the selected days.
    private var hasDay: Bool {
        let lengths: [UInt64] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return lengths.enumerated().contains { index, days in
            let isNamed = months & (1 << UInt64(index + 1)) != 0
            return isNamed && daysOfMonth & ((1 << (days + 1)) - 1) != 0
        }
    }

    private static func line(for word: String) throws(Failure) -> String {
        switch word {
        case "@hourly": "0 * * * *"
        case "@daily", "@midnight": "0 0 * * *"
        case "@weekly": "0 0 * * 0"
        case "@monthly": "0 0 1 * *"
        case "@yearly", "@annually": "0 0 1 1 *"
        default: throw Failure(.invalidArgument, "it can't be \"\(word)\"")
        }
    }
}
