/// The start times of a periodic process: the five fields of crontab(5), in the host's local time.
///
/// A value is only a set of bits for each field. `CronSchedule+Parse` reads the text. In the module Supervision,
/// `CronSchedule+Next` finds the next matching minute, `CronSchedule+Zone` applies a time zone and its clock changes,
/// and `CronSchedule+Clock` handles a wall clock that is set. The agent's supervisor calls them.
package struct CronSchedule: Hashable, Sendable {
    /// The text it was parsed from.
    package let text: String
    /// Bit n is set when the field selects the value n.
    package let minutes: UInt64
    package let hours: UInt64
    package let daysOfMonth: UInt64
    package let months: UInt64
    /// Sunday is 0.
    package let daysOfWeek: UInt64
    /// As crontab(5) says: when both day fields are restricted, a match of either one suffices.
    package let eitherDay: Bool
    /// Whether it is due every N minutes or hours (`*/5 * * * *`, `0 */2 * * *`) and not at fixed times of the day.
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
