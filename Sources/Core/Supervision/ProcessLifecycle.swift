package import Model

/// The life of one process as a pure machine: events in, actions out, no I/O, no clock and no chance.
///
/// ```
///   idle, exited, failed
///      │ start
///      ▼         due          all up         spawned          ready
///   (scheduled) ─────▶ (waiting) ─────▶ starting ─────▶ (warming) ─────▶ running
///                                          ▲                │ stop, restart, │
///                                 deadline │                ▼  its own end   ▼
///                                       backoff          terminating ─────▶ killing ─┐
///                                          ▲                │    deadline   │  ▲      │ deadline
///                                          │                ▼    all gone   ▼  └──────┘
///   (scheduled), (waiting), starting, backoff, exited or failed
/// ```
/// In brackets what only some pass: `scheduled` the periodic ones, between their runs; `waiting` those with dependencies;
/// `warming` those that show when they are ready. What follows when all is gone depends on what is wanted and on the
/// verdict on how it ended. What is wanted and what is observed are apart: `want` says whether it is to be up.
///
/// At most one deadline is armed at a time; which one it is follows from the phase.
package struct ProcessLifecycle: Hashable, Sendable {
    package internal(set) var phase = Phase.idle
    package internal(set) var want = Want.down
    /// On the last run, from when it began to end until that is carried out; nil when somebody asked for its end.
    /// In `failed`, the reason.
    package internal(set) var decision: RestartDecision?
    /// Whether the start under way was asked for by somebody, who hears it fail; a restart is tried again instead.
    var isRequested = false

    /// Counts from the next start on.
    package var hasDependencies: Bool
    let showsReadiness: Bool
    let isPeriodic: Bool

    package init(hasDependencies: Bool = false, showsReadiness: Bool = false, isPeriodic: Bool = false) {
        self.hasDependencies = hasDependencies
        self.showsReadiness = showsReadiness
        self.isPeriodic = isPeriodic
    }

    /// - Parameter judge: called at most once, for a run that ended without anybody asking for it; what it answers counts.
    package mutating func handle(_ event: Event, judge: (RunEnd.Kind) -> RestartDecision) -> [Action] {
        switch phase {
        case .idle, .exited, .failed:
            switch event {
            case .start: return request(isPeriodic ? .scheduled : firstPhase)
            case .restart: return request(firstPhase)
            case .stop:
                want = .down
                return []
            case .adopted(let remains, let want): return phase == .idle ? adopt(remains, want, judge) : []
            // Nothing is up that could send these; a late deadline is one that was cancelled.
            case .dependenciesReady, .spawned, .spawnFailed, .ready, .unhealthy, .leaderExited, .treeEmptied,
                .deadlinePassed:
                return []
            }

        case .waiting:
            switch event {
            case .start, .restart:
                isRequested = true
                return []
            case .stop: return end()
            case .dependenciesReady: return enter(.starting)
            case .adopted, .spawned, .spawnFailed, .ready, .unhealthy, .leaderExited, .treeEmptied, .deadlinePassed:
                return []
            }

        case .scheduled:
            switch event {
            case .start: return []
            // Now, besides its times.
            case .restart: return request(firstPhase)
            case .stop: return end()
            case .deadlinePassed: return enter(firstPhase, isDue: true)
            case .adopted, .dependenciesReady, .spawned, .spawnFailed, .ready, .unhealthy, .leaderExited, .treeEmptied:
                return []
            }

        case .backoff:
            switch event {
            case .start, .restart: return request(firstPhase)
            case .stop: return end()
            // Dependencies are an order of starts; nothing that has been up waits for them again.
            case .deadlinePassed: return enter(.starting, isDue: true)
            case .adopted, .dependenciesReady, .spawned, .spawnFailed, .ready, .unhealthy, .leaderExited, .treeEmptied:
                return []
            }

        case .starting:
            switch event {
            case .start, .restart:
                want = .up
                isRequested = true
                return []
            case .stop:
                want = .down
                return []
            case .spawned:
                guard want == .up else { return enter(.terminating) }
                return enter(showsReadiness ? .warming : .running)
            case .spawnFailed:
                guard want == .up else { return enter(.exited) }
                guard isPeriodic || !isRequested else { return enter(.failed) }
                conclude(.spawnFailed, judge)
                return gone()
            case .adopted, .dependenciesReady, .ready, .unhealthy, .leaderExited, .treeEmptied, .deadlinePassed:
                return []
            }

        case .warming:
            switch event {
            case .start: return []
            case .stop:
                want = .down
                return enter(.terminating)
            case .restart: return enter(.terminating)
            case .ready: return enter(.running)
            case .deadlinePassed:
                conclude(.notReady, judge)
                return enter(.terminating, isDue: true)
            case .leaderExited(let treeIsEmpty):
                conclude(.exited, judge)
                // What it started belongs to it, and goes with it.
                return treeIsEmpty ? gone() : enter(.terminating)
            case .adopted, .dependenciesReady, .spawned, .spawnFailed, .unhealthy, .treeEmptied: return []
            }

        case .running:
            switch event {
            case .start: return []
            case .stop:
                want = .down
                return enter(.terminating)
            case .restart: return enter(.terminating)
            case .unhealthy:
                // A periodic one is as good as its end.
                guard !isPeriodic else { return [] }
                let decision = judge(.unhealthy)
                guard decision != .staysEnded else { return [] }
                self.decision = decision
                return enter(.terminating)
            case .leaderExited(let treeIsEmpty):
                conclude(.exited, judge)
                return treeIsEmpty ? gone() : enter(.terminating)
            case .adopted, .dependenciesReady, .spawned, .spawnFailed, .ready, .treeEmptied, .deadlinePassed: return []
            }

        case .terminating, .killing:
            switch event {
            case .start:
                want = .up
                decision = isPeriodic ? .staysEnded : nil
                return []
            case .restart:
                want = .up
                decision = nil
                return []
            case .stop:
                want = .down
                decision = nil
                return []
            case .leaderExited(treeIsEmpty: true), .treeEmptied: return gone()
            case .leaderExited(treeIsEmpty: false): return []
            // Again and again while it lasts: a fork may have slipped past the last one.
            case .deadlinePassed: return enter(.killing, isDue: true)
            case .adopted, .dependenciesReady, .spawned, .spawnFailed, .ready, .unhealthy: return []
            }
        }
    }
}
