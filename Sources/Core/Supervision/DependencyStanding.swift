package import Model

/// Whether a dependency of a process is met.
package enum DependencyStanding: Equatable, Sendable {
    case met
    case pending
    /// It will not be met without a request; the reason follows "which" in a sentence.
    case blocked(String)

    /// - Parameters:
    ///   - lifecycle: lifecycle of the process that must meet `condition`.
    ///   - lastEnd: how its latest run ended; nil before the first end.
    package init(_ condition: Dependency.Condition, _ lifecycle: ProcessLifecycle, _ lastEnd: LastEnd?) {
        switch condition {
        case .up: self = Self.up(lifecycle)
        case .completed: self = Self.completed(lifecycle, lastEnd)
        }
    }

    private static func up(_ lifecycle: ProcessLifecycle) -> DependencyStanding {
        if lifecycle.phase == .running { return .met }
        return lifecycle.isLive ? .pending : .blocked("is \(lifecycle.state.rawValue)")
    }

    private static func completed(_ lifecycle: ProcessLifecycle, _ lastEnd: LastEnd?) -> DependencyStanding {
        switch lifecycle.phase {
        // A run is in progress or about to start; earlier runs do not count.
        case .waiting, .starting, .warming, .running, .terminating, .killing: .pending
        case .failed: .blocked("is failed")
        case .backoff: lastEnd?.isCompletion == true ? .met : .pending
        // A periodic process that has never run will run.
        case .scheduled: lastEnd.map(judge) ?? .pending
        case .exited, .idle: lastEnd.map(judge) ?? .blocked("has not run")
        }
    }

    private static func judge(_ end: LastEnd) -> DependencyStanding {
        if end.isCompletion { return .met }
        guard end.isOwn else { return .blocked("was stopped") }
        return .blocked("ended with \(RunEnd.exited(end.exit))")
    }
}
