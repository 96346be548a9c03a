package import Model

extension ProcessLifecycle {
    package enum Event: Hashable, Sendable {
        case start, stop
        /// A fresh start from any phase; the restart history is to be cleared with it.
        case restart
        /// An earlier agent left it behind like this; counts only before anything else.
        case adopted(Remains, want: Want)
        /// All that it depends on are running.
        case dependenciesReady
        case spawned, spawnFailed
        /// The sign of its being up has been seen.
        case ready
        /// So many health checks in a row have failed.
        case unhealthy
        /// The process itself has ended and is reaped; others of its tree may live on.
        case leaderExited(treeIsEmpty: Bool)
        /// After the leader, the last of the tree is gone too.
        case treeEmptied
        case deadlinePassed
    }

    /// What a new agent finds of a process that an earlier one managed.
    package enum Remains: Hashable, Sendable {
        /// Its leader lives. One whose leader has ended and whose tree lives on is `ready`, and `leaderExited` follows.
        case ready, unready
        /// Something of it lives, and its end was under way; with the verdict, unless somebody had asked for its end.
        case stopping(RestartDecision?)
        /// Its run has ended since the earlier agent looked, and nothing of it lives.
        case ended
        /// The same, and the earlier agent had already judged it.
        case judged(RestartDecision)
        /// Nothing of it lives, and it is to be started: it was waiting for its time or for others, or is started with
        /// the agent.
        case absent
        /// Could not be started, or was given up; with the reason if the machine knew it.
        case failed(RestartDecision?)
    }

    package enum Action: Hashable, Sendable {
        /// Say `dependenciesReady` as soon as they are, which may be at once.
        case awaitDependencies
        case spawn
        /// Send the stop signal to the tree.
        case terminate
        /// Send SIGKILL to the tree.
        case kill
        /// Begin with health checks; and end with them.
        case watchHealth, ignoreHealth
        /// `deadlinePassed` is due at the next of its times.
        case awaitSchedule
        /// `deadlinePassed` is due after so many seconds; never within this call, not even after 0: a program that can't
        /// be executed would be tried for ever.
        case awaitBackoff(Double)
        /// `deadlinePassed` is due when it should have been ready.
        case awaitReady
        /// `deadlinePassed` is due after the grace period.
        case awaitGrace
        /// `deadlinePassed` is due after ``Limits/killRecheck``.
        case awaitKill
        case cancelDeadline
    }
}
