import Model
import Testing

@testable import AgentRuntime

/// What the health message says of processes, without a process.
struct ProcessHealthReasonsTests {
    private let reasons = ProcessHealthReasons()
    private let a = Name(sanitizing: "a", fallback: "a")
    private let b = Name(sanitizing: "b", fallback: "b")

    @Test func `a failure is new once, until the process is well again`() {
        #expect(reasons.note(failureOf: a, "exit code 1"))
        #expect(!reasons.note(failureOf: a, "exit code 2"))
        #expect(reasons.reasons { _ in nil }.ended == ["process a failed: exit code 2"])
        #expect(!reasons.note(failureOf: a, nil))
        #expect(reasons.reasons { _ in nil }.ended.isEmpty)
        #expect(reasons.note(failureOf: a, "exit code 1"))
    }

    @Test func `failed and unending processes are sorted by kind and name`() {
        #expect(reasons.note(unending: b, "still alive") && !reasons.note(unending: b, "still alive"))
        #expect(reasons.note(unending: a, "still alive"))
        #expect(reasons.note(failureOf: b, "x"))
        #expect(
            reasons.reasons { _ in nil }.ended == [
                "process b failed: x", "process a can't be ended: still alive", "process b can't be ended: still alive",
            ])
        reasons.released(a)
        #expect(!reasons.isUnending(a) && reasons.isUnending(b))
    }

    @Test func `a failing health check is a reason as long as it says why`() {
        reasons.note(healthOf: a, isFailing: true)
        reasons.note(healthOf: b, isFailing: true)
        #expect(reasons.reasons { $0 == a ? "refused" : nil }.running == ["process a is unhealthy: refused"])
        reasons.note(healthOf: a, isFailing: false)
        #expect(reasons.reasons { _ in "refused" }.running == ["process b is unhealthy: refused"])
    }
}
