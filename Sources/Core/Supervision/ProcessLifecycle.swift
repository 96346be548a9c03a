package import Model

/// The lifecycle of one process as a pure value: events in, actions out; no I/O, no clock, no randomness.
///
/// The agent's supervisor calls ``handle(_:decision:)`` for each event and carries out the actions in order.
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
/// Phases in parentheses are passed only by some processes: `scheduled` by periodic ones, between their runs; `waiting`
/// by those with dependencies; `warming` by those with `ready` rules. After the end of a run, the next phase depends on
/// the want and on the restart decision. `want` is what a requester asked for, `phase` is what is observed.
///
/// At most one deadline is armed at a time; the phase determines which one.
package struct ProcessLifecycle: Hashable, Sendable {
    package internal(set) var phase = Phase.idle
    package internal(set) var want = Want.down
    /// The restart decision on the last run, from the moment the run has to end until the decision is carried out; nil
    /// when a request ended the run. In `failed`, it has the reason if the restarts were given up.
    package internal(set) var decision: RestartDecision?
    /// Whether a requester asked for the start in progress. If such a start fails, it is reported and not tried again;
    /// a failed restart is.
    var isRequested = false

    /// Takes effect at the next start.
    package var hasDependencies: Bool
    let showsReadiness: Bool
    let isPeriodic: Bool

    package init(hasDependencies: Bool = false, showsReadiness: Bool = false, isPeriodic: Bool = false) {
        self.hasDependencies = hasDependencies
        self.showsReadiness = showsReadiness
        self.isPeriodic = isPeriodic
    }

    /// Advances the lifecycle.
    ///
    /// - Parameter next: what follows the run that `event` ends; needed where ``runEnd(at:)`` is not nil, and ignored
    ///   elsewhere. Without it, the process stays ended.
    /// - Returns: what the caller has to do now, in this order.
    package mutating func handle(_ event: Event, decision next: RestartDecision = .staysEnded) -> [Action] {
        switch phase {
        case .idle, .exited, .failed:
            switch event {
            case .start: return request(isPeriodic ? .scheduled : firstPhase)
            case .restart: return request(firstPhase)
            case .stop:
                want = .down
                return []
            case .adopted(let remains, let want): return phase == .idle ? adopt(remains, want, next) : []
            // There are no processes that could cause these events, and the deadline has been cancelled.
            case .dependenciesReady, .spawned, .spawnFailed, .ready, .unhealthy, .mainExited, .treeEmptied,
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
            case .adopted, .spawned, .spawnFailed, .ready, .unhealthy, .mainExited, .treeEmptied, .deadlinePassed:
                return []
            }

        case .scheduled:
            switch event {
            case .start: return []
            // An additional run, now.
            case .restart: return request(firstPhase)
            case .stop: return end()
            case .deadlinePassed: return enter(firstPhase, isDue: true)
            case .adopted, .dependenciesReady, .spawned, .spawnFailed, .ready, .unhealthy, .mainExited, .treeEmptied:
                return []
            }

        case .backoff:
            switch event {
            case .start, .restart: return request(firstPhase)
            case .stop: return end()
            // Dependencies only order the first start: a restart does not wait for them again.
            case .deadlinePassed: return enter(.starting, isDue: true)
            case .adopted, .dependenciesReady, .spawned, .spawnFailed, .ready, .unhealthy, .mainExited, .treeEmptied:
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
                follow(next)
                return gone()
            case .adopted, .dependenciesReady, .ready, .unhealthy, .mainExited, .treeEmptied, .deadlinePassed:
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
                follow(next)
                return enter(.terminating, isDue: true)
            case .mainExited(let treeIsEmpty):
                follow(next)
                // Remnants belong to the process and are ended with it.
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
                // A periodic process ends by itself anyway.
                guard !isPeriodic else { return [] }
                guard next != .staysEnded else { return [] }
                decision = next
                return enter(.terminating)
            case .mainExited(let treeIsEmpty):
                follow(next)
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
            case .mainExited(treeIsEmpty: true), .treeEmptied: return gone()
            case .mainExited(treeIsEmpty: false): return []
            // SIGKILL is repeated: a process may have been forked while the last one was sent.
            case .deadlinePassed: return enter(.killing, isDue: true)
            case .adopted, .dependenciesReady, .spawned, .spawnFailed, .ready, .unhealthy: return []
            }
        }
    }
}
