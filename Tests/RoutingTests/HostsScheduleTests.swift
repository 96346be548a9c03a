import Model
import Routing
import Testing

struct HostsScheduleTests {
    private var schedule = HostsSchedule()

    init() {
        // The first publication is due at once.
        _ = schedule.take(at: 100)
    }

    @Test func `the first list is due at once, even an empty one`() {
        var schedule = HostsSchedule()
        let isDue = schedule.take(at: 0)
        #expect(isDue)
    }

    @Test mutating func `nothing is due without a change`() {
        schedule.note(.none)
        schedule.note(.refused)
        #expect(schedule.take(at: 1e9) == false)
    }

    @Test mutating func `changes wait for the interval and are published once`() {
        schedule.note(.hosts)
        #expect(schedule.take(at: 100 + Limits.hostsInterval - 0.001) == false)
        #expect(schedule.take(at: 100 + Limits.hostsInterval) == true)
        #expect(schedule.take(at: 1e9) == false)
    }

    @Test mutating func `activity waits for the refresh`() {
        schedule.note(.activity)
        #expect(schedule.take(at: 100 + Limits.hostsRefresh - 0.001) == false)
        #expect(schedule.take(at: 100 + Limits.hostsRefresh) == true)
        #expect(schedule.take(at: 1e9) == false)
    }

    @Test mutating func `a change publishes pending activity, too`() {
        schedule.note(.activity)
        schedule.note(.hosts)
        #expect(schedule.take(at: 102) == true)
        #expect(schedule.take(at: 1e9) == false)
    }
}
