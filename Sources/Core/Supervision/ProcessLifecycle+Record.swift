package import Model

extension ProcessLifecycle {
    /// As much of a machine as outlives its agent.
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
    /// What a new machine is told, given what is found of the process; this outranks the record, which is older when the
    /// disk was full.
    ///
    /// - Parameter treeIsEmpty: beside the leader, if that lives.
    package func events(leaderLives: Bool, treeIsEmpty: Bool) -> [ProcessLifecycle.Event] {
        switch phase {
        case .terminating, .killing:
            if leaderLives || !treeIsEmpty { return [.adopted(.stopping(decision), want: want)] }
            // By its verdict; without one it was stopped, or was to start afresh.
            return [.adopted(decision.map { .judged($0) } ?? .absent, want: want)]
        case .starting, .warming:
            if leaderLives { return [.adopted(.unready, want: want)] }
            if !treeIsEmpty { return remnants(want) }
            // One that was being started may have come and gone: better not at all than twice.
            return [.adopted(.ended, want: want)]
        case .running:
            if leaderLives { return [.adopted(.ready, want: want)] }
            return treeIsEmpty ? [.adopted(.ended, want: want)] : remnants(want)
        case .idle, .waiting, .scheduled, .backoff, .exited, .failed:
            // It was started later than this was written, and there is no telling whether it is ready by now.
            if leaderLives { return [.adopted(.ready, want: .up)] }
            return treeIsEmpty ? unchanged : remnants(.up)
        }
    }

    private func remnants(_ want: Want) -> [ProcessLifecycle.Event] {
        [.adopted(.ready, want: want), .leaderExited(treeIsEmpty: false)]
    }

    /// Where there was nothing of it and there is nothing.
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
