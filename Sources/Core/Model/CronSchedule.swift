/// When a periodic process starts: the five fields of crontab(5), in the machine's local time.
package struct CronSchedule: Hashable, Sendable {
    /// As it was written.
    package let text: String
    /// Bit n is set when n is among the field's values.
    package let minutes: UInt64
    package let hours: UInt64
    package let daysOfMonth: UInt64
    package let months: UInt64
    /// Sunday is 0.
    package let daysOfWeek: UInt64
    /// crontab(5): with both days restricted, either will do.
    package let eitherDay: Bool
    /// Whether it is due every so many minutes or hours (`*/5 * * * *`, `0 */2 * * *`), and not at times of the day.
    package let isPeriodic: Bool

    package init(
        text: String, minutes: UInt64, hours: UInt64, daysOfMonth: UInt64, months: UInt64, daysOfWeek: UInt64,
        eitherDay: Bool, isPeriodic: Bool
    ) {
        self.text = text
        self.minutes = minutes
        self.hours = hours
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.daysOfWeek = daysOfWeek
        self.eitherDay = eitherDay
        self.isPeriodic = isPeriodic
    }
}
