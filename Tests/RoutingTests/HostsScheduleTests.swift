import Model
import Routing
import Testing

struct HostsScheduleTests {
    private var schedule = HostsSchedule()

    init() {
        // The first one goes out at once.
        _ = schedule.take(at: 100)
    }

    @Test func `the first list is due at once, even an empty one`() {
        var schedule = HostsSchedule()
        let isDue = schedule.take(at: 0)
        #expect(isDue)
    }

    @Test mutating func `nothing is due without a reason`() {
        schedule.note(.none)
        schedule.note(.refused)
        #expect(schedule.take(at: 1e9) == false)
    }

    @Test mutating func `changes wait for the interval and go out once`() {
        schedule.note(.hosts)
        #expect(schedule.take(at: 100 + Limits.hostsInterval - 0.001) == false)
        #expect(schedule.take(at: 100 + Limits.hostsInterval) == true)
        #expect(schedule.take(at: 1e9) == false)
    }

    @Test mutating func `signs of life wait for the refresh`() {
        schedule.note(.activity)
        #expect(schedule.take(at: 100 + Limits.hostsRefresh - 0.001) == false)
        #expect(schedule.take(at: 100 + Limits.hostsRefresh) == true)
        #expect(schedule.take(at: 1e9) == false)
    }

    @Test mutating func `a change takes the signs of life along`() {
        schedule.note(.activity)
        schedule.note(.hosts)
        #expect(schedule.take(at: 102) == true)
        #expect(schedule.take(at: 1e9) == false)
    }
}
