package import Model

extension ProcessLifecycle {
    /// The part of the lifecycle that is saved for the next worker.
    package struct Record: Hashable, Sendable {
        package var phase: Phase
        package var want: Want
        package var decision: RestartDecision?

        package init(phase: Phase, want: Want, decision: RestartDecision?) {
            self.phase = phase
            self.want = want
            self.decision = decision
        }
    }

    package var record: Record { Record(phase: phase, want: want, decision: decision) }
}

extension ProcessLifecycle.Record {
    /// The events by which a new lifecycle takes over a process. What the worker finds of the process takes precedence
    /// over the record, which may be outdated if the disk was full.
    ///
    /// - Parameter treeIsEmpty: whether there are no remnants, the main process not counted.
    package func events(mainLives: Bool, treeIsEmpty: Bool) -> [ProcessLifecycle.Event] {
        switch phase {
        case .terminating, .killing:
            if mainLives || !treeIsEmpty { return [.adopted(.stopping(decision), want: want)] }
            // Follow the restart decision. Without one, the process was stopped, or was to be started again.
            return [.adopted(decision.map { .judged($0) } ?? .absent, want: want)]
        case .starting, .warming:
            if mainLives { return [.adopted(.unready, want: want)] }
            if !treeIsEmpty { return remnants(want) }
            // It may have been executed and ended meanwhile: not starting it is safer than starting it twice.
            return [.adopted(.ended, want: want)]
        case .running:
            if mainLives { return [.adopted(.ready, want: want)] }
            return treeIsEmpty ? [.adopted(.ended, want: want)] : remnants(want)
        case .idle, .waiting, .scheduled, .backoff, .exited, .failed:
            // It was started after this record was saved, so whether it is ready is unknown.
            if mainLives { return [.adopted(.ready, want: .up)] }
            return treeIsEmpty ? unchanged : remnants(.up)
        }
    }

    private func remnants(_ want: Want) -> [ProcessLifecycle.Event] {
        [.adopted(.ready, want: want), .mainExited(treeIsEmpty: false)]
    }

    /// The events if there were no processes before and there are none now.
    private var unchanged: [ProcessLifecycle.Event] {
        switch phase {
        case .waiting, .scheduled: [.adopted(.absent, want: want)]
        case .backoff: [.adopted(decision.map { .judged($0) } ?? .ended, want: want)]
        case .exited: [.adopted(.ended, want: want)]
        case .failed: [.adopted(.failed(decision), want: want)]
        case .idle, .starting, .warming, .running, .terminating, .killing: []
        }
    }
}
