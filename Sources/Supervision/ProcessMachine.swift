package import Model

/// The life of one process as a pure machine: events in, actions out, no I/O and no clock.
///
/// ```
///            start          spawned          stop, restart,        deadline
///   idle ───────────▶ starting ─────▶ running ─────────────▶ terminating ─────▶ killing
///   exited ─────────▶    │              │    leader exited,      │ all gone        │ all gone
///   failed ─────────▶    │ failed       │    group lives on      ▼                 ▼
///                        ▼              └──────────────────▶ exited; starting when it is wanted up
///                      failed             leader exited, group empty
/// ```
/// What is wanted and what is observed are apart: `want` says whether it is started again once everything is gone.
package struct ProcessMachine: Hashable, Sendable {
    package enum Phase: Hashable, Sendable, CaseIterable {
        /// Never started.
        case idle
        case starting
        case running
        /// The stop signal is sent, the grace period runs.
        case terminating
        /// SIGKILL is sent.
        case killing
        /// Ended, and nothing of it is left.
        case exited
        /// Could not be started.
        case failed
    }

    package enum Event: Hashable, Sendable {
        case start, stop, restart
        case spawned, spawnFailed
        /// The process itself has ended and is reaped; others of its process group may live on.
        case leaderExited(groupIsEmpty: Bool)
        /// After the leader, the last of the group is gone too.
        case groupEmptied
        /// The grace period, or the time to look again after SIGKILL, is over.
        case deadlinePassed
    }

    package enum Action: Hashable, Sendable {
        case spawn
        /// Sends the stop signal to the group.
        case terminate
        /// Sends SIGKILL to the group.
        case kill
        /// `deadlinePassed` is due after the grace period.
        case awaitGrace
        /// `deadlinePassed` is due after ``Limits/killRecheck``.
        case awaitKill
        case cancelDeadline
    }

    package private(set) var phase = Phase.idle
    package private(set) var want = Want.down

    package init() {}

    package mutating func handle(_ event: Event) -> [Action] {
        switch (phase, event) {
        case (.idle, .start), (.idle, .restart), (.exited, .start), (.exited, .restart), (.failed, .start),
            (.failed, .restart):
            want = .up
            return enter(.starting, [.spawn])
        case (.idle, .stop), (.exited, .stop), (.failed, .stop):
            want = .down
            return []

        case (.starting, .start), (.starting, .restart), (.terminating, .start), (.terminating, .restart),
            (.killing, .start), (.killing, .restart):
            want = .up
            return []
        case (.starting, .stop), (.terminating, .stop), (.killing, .stop):
            want = .down
            return []
        case (.starting, .spawned):
            return want == .up ? enter(.running, []) : enter(.terminating, [.terminate, .awaitGrace])
        case (.starting, .spawnFailed):
            return enter(.failed, [])

        case (.running, .start):
            return []
        case (.running, .stop):
            want = .down
            return enter(.terminating, [.terminate, .awaitGrace])
        case (.running, .restart):
            return enter(.terminating, [.terminate, .awaitGrace])
        case (.running, .leaderExited(groupIsEmpty: true)):
            want = .down
            return enter(.exited, [])
        case (.running, .leaderExited(groupIsEmpty: false)):
            // What it started belongs to it, and goes with it.
            want = .down
            return enter(.terminating, [.terminate, .awaitGrace])

        case (.terminating, .leaderExited(groupIsEmpty: false)), (.killing, .leaderExited(groupIsEmpty: false)):
            return []
        case (.terminating, .leaderExited(groupIsEmpty: true)), (.killing, .leaderExited(groupIsEmpty: true)),
            (.terminating, .groupEmptied), (.killing, .groupEmptied):
            return want == .up ? enter(.starting, [.cancelDeadline, .spawn]) : enter(.exited, [.cancelDeadline])
        case (.terminating, .deadlinePassed), (.killing, .deadlinePassed):
            // Again and again while it lasts: a fork may have slipped past the last one.
            return enter(.killing, [.kill, .awaitKill])

        // Nothing is up that could send these; a late deadline is one that was cancelled.
        case (.idle, .spawned), (.idle, .spawnFailed), (.idle, .leaderExited), (.idle, .groupEmptied),
            (.idle, .deadlinePassed), (.starting, .leaderExited), (.starting, .groupEmptied),
            (.starting, .deadlinePassed), (.running, .spawned), (.running, .spawnFailed), (.running, .groupEmptied),
            (.running, .deadlinePassed), (.terminating, .spawned), (.terminating, .spawnFailed), (.killing, .spawned),
            (.killing, .spawnFailed), (.exited, .spawned), (.exited, .spawnFailed), (.exited, .leaderExited),
            (.exited, .groupEmptied), (.exited, .deadlinePassed), (.failed, .spawned), (.failed, .spawnFailed),
            (.failed, .leaderExited), (.failed, .groupEmptied), (.failed, .deadlinePassed):
            return []
        }
    }

    private mutating func enter(_ phase: Phase, _ actions: [Action]) -> [Action] {
        self.phase = phase
        return actions
    }
}

extension ProcessMachine {
    /// The phase as everybody sees it.
    package var state: ProcessState {
        switch phase {
        case .idle, .starting: .starting
        case .running: .running
        case .terminating, .killing: .stopping
        case .exited: .exited
        case .failed: .failed
        }
    }

    /// Whether something of it may be alive, or is about to be.
    package var isLive: Bool {
        switch phase {
        case .starting, .running, .terminating, .killing: true
        case .idle, .exited, .failed: false
        }
    }
}
