import Model
import Testing

@testable import AgentRuntime

struct HealthPaceTests {
    private func counts(_ running: Int) -> ProcessCounts {
        var counts = ProcessCounts()
        counts.running = running
        return counts
    }

    @Test func `the interval doubles while nothing changes, and begins anew after a change`() {
        var pace = HealthPace(from: 10, to: 65)
        var intervals: [Double] = []
        for (reasons, running) in [
            ([], 0), ([], 0), ([], 0), ([], 0), ([], 0), ([], 1), ([], 1), (["disk full"], 1), (["disk full"], 1),
            ([], 1),
        ] as [([String], Int)] {
            pace.note(reasons, counts(running))
            intervals.append(pace.interval)
        }
        #expect(intervals == [10, 20, 40, 65, 65, 10, 20, 10, 20, 10])
    }

    @Test func `without a longer interval it stays the same`() {
        var pace = HealthPace(from: 10, to: 10)
        for _ in 0..<3 {
            pace.note([], counts(0))
            #expect(pace.interval == 10)
        }
        pace.change(from: 10, to: 40)
        pace.note([], counts(0))
        pace.note([], counts(0))
        #expect(pace.interval == 20)
        // The same settings at SIGHUP change nothing.
        pace.change(from: 10, to: 40)
        #expect(pace.interval == 20)
    }
}
