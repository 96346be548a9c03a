import Model
import Supervision
import Testing

/// Scheduled starts when the wall clock is set.
struct ClockChangeTests {
    private static let hour = 3_600.0
    /// Noon of some day, in UTC.
    private static let noon = Double(CivilTime(year: 2026, month: 6, day: 15, hour: 12, minute: 0).seconds)
    private static let tomorrow = noon + 24 * hour

    /// The next start of a schedule; all times are in hours after noon.
    private func next(
        _ text: String = "0 12 * * *", now: Double, setBy change: Double, pending: Double?, latest: Double? = nil
    ) throws -> Double? {
        let start = try CronSchedule(text).next(
            after: Self.noon + now * Self.hour, setBy: change * Self.hour,
            pending: pending.map { Self.noon + $0 * Self.hour }, latest: latest.map { Self.noon + $0 * Self.hour },
            offset: { _ in 0 })
        return start.map { (Double($0) - Self.noon) / Self.hour }
    }

    @Test(arguments: [0.001, 0.5, 1, 2.99]) func `a start that a correction skips comes at once`(
        change: Double
    ) throws {
        // The clock was just before noon, and long before.
        #expect(try next(now: change - 0.0005, setBy: change, pending: 0) == 0)
        #expect(try next(now: 0, setBy: change, pending: 0) == 0)
        #expect(try next(now: -0.0005, setBy: change, pending: 0) == 0)
    }

    @Test(arguments: [3.0, 24, 1e5]) func `a start that a larger change skips is dropped`(
        change: Double
    ) throws {
        #expect(try next(now: 0.5, setBy: change, pending: 0) == 24)
        #expect(try next(now: -0.5, setBy: change, pending: 0) == 0)
    }

    @Test func `after a correction backwards no time of day is repeated, but periodic schedules continue`() throws {
        #expect(try next(now: -0.5, setBy: -1, pending: 24, latest: 0) == 24)
        #expect(try next(now: -2.9, setBy: -2.99, pending: 24, latest: 0) == 24)
        // The latest run was long ago.
        #expect(try next(now: -0.5, setBy: -1, pending: 0, latest: -24) == 0)
        // The change is too large for a correction.
        #expect(try next(now: -0.5, setBy: -3, pending: 24, latest: 0) == 0)
        #expect(try next("0 * * * *", now: -0.5, setBy: -1, pending: 1, latest: 0) == 0)
        #expect(try next("*/30 * * * *", now: -0.75, setBy: -1, pending: 0.5, latest: 0) == -0.5)
    }

    @Test func `after any change within four hours the next start is later than now, or at once`() throws {
        for text in ["0 12 * * *", "*/20 * * * *", "30 11,12 * * *"] {
            let schedule = try CronSchedule(text)
            for before in stride(from: -240, through: 240, by: 7) {
                for change in stride(from: -240, through: 240, by: 11) {
                    let old = Self.noon + Double(before) * 60
                    let pending = schedule.next(after: Int(old)) { _ in 0 }.map { Double($0) }
                    let now = old + Double(change) * 60
                    let next = try #require(
                        schedule.next(
                            after: now, setBy: Double(change) * 60, pending: pending, latest: nil, offset: { _ in 0 }))
                    let isAtOnce = pending.map { Double(next) == $0 && $0 <= now && $0 > old } ?? false
                    #expect(Double(next) > now || isAtOnce)
                    if abs(change) < 180, let pending, pending <= now { #expect(isAtOnce) }
                    if abs(change) >= 180 { #expect(Double(next) > now) }
                }
            }
        }
    }
}
