import Glibc
import LinuxSystem
import Synchronization
import TestSupport
import Testing

/// Calls that may hang, made by threads.
@Suite struct BlockingCallsTests {
    /// A gate at which calls wait.
    private final class Gate: Sendable {
        private let ends: (read: Int32, write: Int32)

        init() {
            var ends: [Int32] = [-1, -1]
            _ = pipe(&ends)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            self.ends = (ends[0], ends[1])
        }

        deinit {
            close(ends.read)
            close(ends.write)
        }

        func wait() {
            var byte: UInt8 = 0
            _ = read(ends.read, &byte, 1)
        }

        /// Lets that many calls pass.
        func open(_ count: Int) {
            let bytes = [UInt8](repeating: 0, count: count)
            _ = write(ends.write, bytes, count)
        }
    }

    /// Runs a loop until `body` has stopped it.
    private func run(
        threads: Int = 3, alike: Int = 3, patience: Double = 30, _ body: (BlockingCalls, EventLoop) -> Void
    ) throws {
        let loop = try EventLoop()
        let calls = try BlockingCalls(
            on: loop, bounds: .init(threads: threads, alike: alike, patience: patience))
        body(calls, loop)
        loop.after(.seconds(60)) { loop.stop() }
        try loop.run()
        withExtendedLifetime(calls) {}
    }

    @Test func `quick calls are made in order`() throws {
        let done = Mutex<[Int]>([])
        // On a busy host a second thread would be added.
        try run(threads: 1) { calls, loop in
            for number in 0..<1000 {
                calls.make(
                    BlockingCall(kind: "a", work: { done.withLock { $0.append(number) } }) { outcome in
                        #expect(outcome == .done)
                        if number == 999 { loop.stop() }
                    })
            }
        }
        #expect(done.withLock { $0 } == Array(0..<1000))
    }

    @Test func `a hanging call does not delay others`() throws {
        let gate = Gate()
        var order: [String] = []
        try run { calls, loop in
            calls.make(
                BlockingCall(kind: "a", work: { gate.wait() }) { _ in
                    order.append("hung")
                    loop.stop()
                })
            for number in 0..<100 {
                calls.make(
                    BlockingCall(kind: "a", work: {}) { _ in
                        order.append("quick")
                        if number == 99 { gate.open(1) }
                    })
            }
        }
        #expect(order == Array(repeating: "quick", count: 100) + ["hung"])
    }

    @Test func `a kind with hanging calls accepts no more until they have returned`() throws {
        let gate = Gate()
        var results: [BlockingCall.Outcome] = []
        var late = 0
        try run(alike: 2, patience: 0.2) { calls, loop in
            func begin(_ then: @escaping () -> Void) {
                calls.make(
                    BlockingCall(kind: "dead", work: { gate.wait() }, afterwards: { late += 1 }) { outcome in
                        results.append(outcome)
                        if results.count == 5 { then() }
                    })
            }
            for _ in 0..<5 {
                begin {
                    #expect(results == Array(repeating: .hangs, count: 5))
                    // Calls that were not made end at once.
                    #expect(late <= 3)
                    calls.make(
                        BlockingCall(kind: "alive", work: {}) { outcome in
                            #expect(outcome == .done)
                            gate.open(2)
                        })
                }
            }
            func look() {
                guard late == 5 else { loop.after(.milliseconds(10), look); return }
                calls.make(
                    BlockingCall(kind: "dead", work: {}) { outcome in
                        #expect(outcome == .done)
                        loop.stop()
                    })
            }
            look()
        }
        #expect(late == 5)
    }

    @Test func `calls that were not begun are dropped at the end`() throws {
        let gate = Gate()
        let begun = Mutex(0)
        var outcomes: [BlockingCall.Outcome] = []
        var dropped = 0
        try run(alike: 1) { calls, loop in
            func make() {
                calls.make(
                    BlockingCall(
                        kind: "a",
                        work: {
                            begun.withLock { $0 += 1 }
                            gate.wait()
                        }, afterwards: { dropped += 1 }
                    ) { outcome in
                        outcomes.append(outcome)
                        if outcome == .done { loop.stop() }
                    })
            }
            for _ in 0..<100 { make() }
            calls.close()
            #expect(outcomes == Array(repeating: .dropped, count: 99))
            make()
            #expect(outcomes.count == 100 && dropped == 100)
            gate.open(1)
        }
        #expect(outcomes.last == .done && begun.withLock { $0 } == 1)
    }
}
