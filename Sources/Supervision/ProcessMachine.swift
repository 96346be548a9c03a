package import Model

/// The life of one process as a pure machine: events in, actions out, no I/O and no clock.
///
/// ```
///                      ┌──────────────── backoff ◀───────────────────┐ deadline: starting
///                      ▼                                             │
///  waiting ───▶ starting ───▶ warming ───▶ running ───▶ terminating ─┴▶ exited, failed, scheduled
///                   └────────────────────────▲              │  ▲
///  scheduled ──▶ starting                                   ▼  │ all gone
///                                                        killing
/// ```
/// What is wanted and what is observed are apart: `want` is what somebody asked for, the phase is what there is.
package struct ProcessMachine: Hashable, Sendable {
    package let traits: Traits
    package private(set) var phase = Phase.idle
    package private(set) var want = Want.down
    /// Whether it is started again once all of it is gone, whatever its rules say.
    package private(set) var isReset = false

    package init(_ traits: Traits = Traits()) { self.traits = traits }

    package mutating func handle(_ event: Event) -> [Action] {
        switch (phase, event) {
        // Asked for while nothing of it is there.
        case (.idle, .start), (.exited, .start), (.failed, .start):
            want = .up
            return traits.isScheduled ? enter(.scheduled, [.awaitSchedule]) : begin()
        case (.idle, .restart), (.exited, .restart), (.failed, .restart):
            want = .up
            return begin()
        case (.idle, .stop), (.exited, .stop), (.failed, .stop):
            want = .down
            return []
        case (.idle, .recovered(let remains)):
            return recover(remains)

        // Wanted up, and waiting for its time.
        case (.waiting, .dependenciesUp), (.scheduled, .deadlinePassed), (.backoff, .deadlinePassed):
            return enter(.starting, [.spawn])
        case (.scheduled, .restart), (.backoff, .restart):
            return enter(.starting, [.cancelDeadline, .spawn])
        case (.waiting, .stop):
            want = .down
            return enter(.exited, [])
        case (.scheduled, .stop), (.backoff, .stop):
            want = .down
            return enter(.exited, [.cancelDeadline])

        case (.starting, .start), (.starting, .restart):
            want = .up
            return []
        case (.starting, .stop):
            want = .down
            return []
        case (.starting, .spawned):
            if want == .down { return terminate([]) }
            return traits.needsReadiness ? enter(.warming, [.awaitReady]) : enter(.running, [.beginChecks])
        case (.starting, .spawnFailed(let verdict)):
            return want == .up ? settle(verdict) : enter(.failed, [])

        case (.warming, .ready):
            return enter(.running, [.cancelDeadline, .beginChecks])
        case (.warming, .deadlinePassed), (.warming, .leaderExited):
            return terminate([])
        case (.running, .unhealthy), (.running, .leaderExited):
            // What it started belongs to it, and goes with it.
            return terminate([.endChecks])
        case (.warming, .stop):
            want = .down
            return terminate([])
        case (.running, .stop):
            want = .down
            return terminate([.endChecks])
        case (.warming, .restart):
            isReset = true
            return terminate([])
        case (.running, .restart):
            isReset = true
            return terminate([.endChecks])
        case (.warming, .gone(let verdict)):
            return [.cancelDeadline] + settle(verdict)
        case (.running, .gone(let verdict)):
            return [.endChecks] + settle(verdict)

        case (.terminating, .start), (.terminating, .restart), (.killing, .start), (.killing, .restart):
            want = .up
            isReset = true
            return []
        case (.terminating, .stop), (.killing, .stop):
            want = .down
            isReset = false
            return []
        case (.terminating, .gone(let verdict)), (.killing, .gone(let verdict)):
            return [.cancelDeadline] + settle(verdict)
        case (.terminating, .deadlinePassed), (.killing, .deadlinePassed):
            // Again and again while it lasts: a fork may have slipped past the last one.
            return enter(.killing, [.kill, .awaitKill])

        // What changes nothing.
        case (.waiting, .start), (.waiting, .restart), (.scheduled, .start), (.backoff, .start), (.warming, .start),
            (.running, .start), (.terminating, .leaderExited), (.killing, .leaderExited), (.terminating, .unhealthy),
            (.killing, .unhealthy), (.terminating, .ready), (.killing, .ready), (.running, .ready):
            return []
        // Nothing is there that could send these; a late deadline is one that was cancelled.
        case (.idle, _), (.waiting, _), (.scheduled, _), (.starting, _), (.warming, _), (.running, _),
            (.terminating, _), (.killing, _), (.backoff, _), (.exited, _), (.failed, _):
            return []
        }
    }

    /// - Returns: the actions that bring it up, or make it wait for those that it needs.
    private mutating func begin() -> [Action] {
        traits.hasDependencies ? enter(.waiting, [.awaitDependencies]) : enter(.starting, [.spawn])
    }

    private mutating func terminate(_ actions: [Action]) -> [Action] {
        enter(.terminating, actions + [.terminate, .awaitGrace])
    }

    /// All of a run is gone: what comes next.
    private mutating func settle(_ verdict: Verdict) -> [Action] {
        let isReset = isReset
        self.isReset = false
        if want == .down { return enter(.exited, []) }
        if isReset { return enter(.starting, [.spawn]) }
        if traits.isScheduled { return enter(.scheduled, [.awaitSchedule]) }
        switch verdict {
        case .restarts: return enter(.backoff, [.awaitBackoff])
        case .givesUp: return enter(.failed, [])
        case .stays:
            want = .down
            return enter(.exited, [])
        }
    }

    /// Goes on where an agent that is gone has left off.
    private mutating func recover(_ remains: Remains) -> [Action] {
        switch remains {
        case .running:
            want = .up
            return enter(.running, [.beginChecks])
        case .stopping(let want):
            self.want = want
            return terminate([])
        case .ended(let want, let verdict):
            self.want = want
            return settle(verdict)
        case .failed(let want):
            self.want = want
            return enter(.failed, [])
        }
    }

    private mutating func enter(_ phase: Phase, _ actions: [Action]) -> [Action] {
        self.phase = phase
        return actions
    }
}
