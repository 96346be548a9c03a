import Model
import ServiceSupport
import Testing

struct BoundedLogTests {
    @Test func `a burst of lines is within the rate, and then so many a second`() {
        var log = BoundedLog(now: 100)
        // The level is below that of the log, so nothing is written.
        func taken(_ count: Int, at time: Double) -> Int {
            (0..<count).reduce(0) { sum, _ in sum + (log.note("", .debug, at: time) ? 1 : 0) }
        }
        let (burst, rate) = (Limits.eventBurst, Limits.eventRate)
        #expect(taken(burst + 10, at: 100) == burst)
        #expect(taken(1, at: 100) == 0)
        #expect(taken(2 * rate, at: 101) == rate)
        #expect(taken(burst + 10, at: 1_000) == burst)
    }
}
