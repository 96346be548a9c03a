import Model
import Supervision
import Testing

@testable import AgentRuntime

/// Which start of a schedule comes next. The schedule is due at 9, 11 and 12 o'clock, in UTC.
struct TimetableTests {
    private let timetable: Timetable
    private let hour = 3600.0
    private let utc: CronSchedule.Offset = { _ in 0 }

    init() throws { timetable = Timetable(try CronSchedule("0 9,11,12 * * *")) }

    @Test func `the next start is the next time of the schedule`() {
        #expect(timetable.start(after: 10 * hour + 5, offset: utc) == 11 * hour)
        #expect(timetable.regularStart(after: 11 * hour, offset: utc) == 12 * hour)
    }

    @Test func `an inherited start is caught up once it is due, until a start is made`() {
        timetable.catchUp(on: 9 * hour)
        #expect(timetable.start(after: 8 * hour + 1, offset: utc) == 9 * hour)
        #expect(timetable.start(after: 10 * hour + 5, offset: utc) == 9 * hour)
        #expect(timetable.regularStart(after: 10 * hour + 5, offset: utc) == 11 * hour)
        timetable.begin(9 * hour)
        #expect(timetable.promisedStart == nil)
        #expect(timetable.start(after: 10 * hour + 5, offset: utc) == 11 * hour)
    }

    @Test func `the first inherited start counts`() {
        timetable.catchUp(on: nil)
        timetable.catchUp(on: 9 * hour)
        timetable.catchUp(on: 7 * hour)
        #expect(timetable.promisedStart == 9 * hour)
    }

    @Test func `a correction of the clock does not repeat the latest start`() {
        timetable.begin(11 * hour)
        #expect(timetable.start(after: 11 * hour - 1, setBy: -2, offset: utc) == 12 * hour)
        // After a larger change, only the new time counts.
        #expect(timetable.start(after: 8 * hour + 1, setBy: -3 * hour, offset: utc) == 9 * hour)
    }

    @Test func `how a run failed is new once`() {
        #expect(timetable.ended("exit code 1") && !timetable.ended("exit code 1"))
        #expect(timetable.failedRun == "exit code 1")
        #expect(timetable.ended(nil) && timetable.failedRun == nil)
    }
}
