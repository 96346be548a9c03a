import Model
import Supervision
import Testing

/// Whether a dependency is met, in each phase of the process that must meet it.
struct DependencyStandingTests {
    private typealias Phase = ProcessLifecycle.Phase

    /// Lifecycles in every phase, by the events that lead there.
    private static let lifecycles: [Phase: ProcessLifecycle] = {
        var lifecycles: [Phase: ProcessLifecycle] = [.idle: ProcessLifecycle()]
        func make(
            _ events: [ProcessLifecycle.Event], periodic: Bool = false, waits: Bool = false, ready: Bool = false,
            decision: RestartDecision = .staysEnded
        ) {
            var lifecycle = ProcessLifecycle(hasDependencies: waits, showsReadiness: ready, isPeriodic: periodic)
            for event in events { _ = lifecycle.handle(event, decision: decision) }
            lifecycles[lifecycle.phase] = lifecycle
        }
        make([.start], waits: true)
        make([.start], periodic: true)
        make([.start])
        make([.start, .spawned], ready: true)
        make([.start, .spawned])
        make([.start, .spawned, .stop])
        make([.start, .spawned, .stop, .deadlinePassed])
        make([.start, .spawned, .mainExited(treeIsEmpty: true)], decision: .restarts(after: 1))
        make([.start, .spawned, .mainExited(treeIsEmpty: true)])
        make([.start, .spawned, .mainExited(treeIsEmpty: true)], decision: .givesUp(reason: "x"))
        return lifecycles
    }()

    private func standing(
        _ condition: Dependency.Condition, _ phase: ProcessLifecycle.Phase, _ end: LastEnd? = nil
    ) throws -> DependencyStanding {
        DependencyStanding(condition, try #require(Self.lifecycles[phase]), end)
    }

    @Test(arguments: ProcessLifecycle.Phase.allCases) func `up is met only while running`(
        phase: ProcessLifecycle.Phase
    ) throws {
        let expected: DependencyStanding =
            switch phase {
            case .running: .met
            case .waiting, .scheduled, .starting, .warming, .terminating, .killing, .backoff: .pending
            case .idle: .blocked("is starting")
            case .exited: .blocked("is exited")
            case .failed: .blocked("is failed")
            }
        #expect(try standing(.up, phase) == expected)
    }

    private static let completed = LastEnd(exit: .exited(code: 0), isOwn: true)
    private static let failed = LastEnd(exit: .exited(code: 3), isOwn: true)

    @Test(arguments: ProcessLifecycle.Phase.allCases) func `completed is met by exit code 0 of the latest run`(
        phase: ProcessLifecycle.Phase
    ) throws {
        let (after0, after3, before): (DependencyStanding, DependencyStanding, DependencyStanding) =
            switch phase {
            case .waiting, .starting, .warming, .running, .terminating, .killing: (.pending, .pending, .pending)
            case .backoff: (.met, .pending, .pending)
            case .scheduled: (.met, .blocked("ended with exit code 3"), .pending)
            case .exited, .idle: (.met, .blocked("ended with exit code 3"), .blocked("has not run"))
            case .failed: (.blocked("is failed"), .blocked("is failed"), .blocked("is failed"))
            }
        #expect(try standing(.completed, phase, Self.completed) == after0)
        #expect(try standing(.completed, phase, Self.failed) == after3)
        #expect(try standing(.completed, phase) == before)
    }

    @Test(arguments: [
        (LastEnd(exit: .exited(code: 0), isOwn: false), "was stopped"),
        (LastEnd(exit: .signaled(15), isOwn: false), "was stopped"),
        (LastEnd(exit: .signaled(11), isOwn: true), "ended with signal 11"),
        (LastEnd(exit: nil, isOwn: true), "ended with unknown exit status"),
    ])
    func `any other end is reported`(end: LastEnd, reason: String) throws {
        #expect(try standing(.completed, .exited, end) == .blocked(reason))
        #expect(!end.isCompletion)
    }
}
