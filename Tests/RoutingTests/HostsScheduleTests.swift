import Model
import Routing
import Testing

struct HostsScheduleTests {
    private var schedule = HostsSchedule(knowsHosts: true, at: 100 - Limits.hostsReturn)

    init() {
        // The first publication is due at once.
        _ = schedule.take(at: 100, hosts: 1)
    }

    @Test func `without hosts nothing is published, so that the list of before stays`() {
        var schedule = HostsSchedule(knowsHosts: false, at: 0)
        #expect(!schedule.isPending)
        schedule.note(.hosts)
        let isDue = schedule.take(at: 0, hosts: 1)
        #expect(isDue)
    }

    @Test func `hosts of before have time to come back`() {
        var schedule = HostsSchedule(knowsHosts: true, at: 0)
        for (time, isDue) in [(0, false), (Limits.hostsReturn - 0.1, false), (Limits.hostsReturn, true)] {
            let isTaken = schedule.take(at: time, hosts: 1)
            #expect(isTaken == isDue)
        }
    }

    @Test mutating func `a long list is published less often`() {
        schedule.note(.hosts)
        #expect(schedule.take(at: 119.9, hosts: 10_000) == false)
        #expect(schedule.take(at: 120, hosts: 10_000) == true)
    }

    @Test mutating func `nothing is due without a change`() {
        schedule.note(.none)
        schedule.note(.refused)
        #expect(schedule.take(at: 1e9, hosts: 1) == false)
    }

    @Test mutating func `changes wait for the interval and are published once`() {
        schedule.note(.hosts)
        #expect(schedule.take(at: 100 + Limits.hostsInterval - 0.001, hosts: 1) == false)
        #expect(schedule.take(at: 100 + Limits.hostsInterval, hosts: 1) == true)
        #expect(schedule.take(at: 1e9, hosts: 1) == false)
    }

    @Test mutating func `activity waits for the refresh`() {
        schedule.note(.activity)
        #expect(schedule.take(at: 100 + Limits.hostsRefresh - 0.001, hosts: 1) == false)
        #expect(schedule.take(at: 100 + Limits.hostsRefresh, hosts: 1) == true)
        #expect(schedule.take(at: 1e9, hosts: 1) == false)
    }

    @Test mutating func `a change publishes pending activity, too`() {
        schedule.note(.activity)
        schedule.note(.hosts)
        #expect(schedule.take(at: 102, hosts: 1) == true)
        #expect(schedule.take(at: 1e9, hosts: 1) == false)
    }
}
