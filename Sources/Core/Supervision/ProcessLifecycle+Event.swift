package import Model

extension ProcessLifecycle {
    package enum Event: Hashable, Sendable {
        case start, stop
        /// Start again from any phase. The caller also clears the restart history.
        case restart
        /// An earlier worker left the process in this condition. Counts only as the first event.
        case adopted(Remains, want: Want)
        /// All dependencies are met.
        case dependenciesReady
        case spawned, spawnFailed
        /// The process has signalled that it is ready.
        case ready
        /// The health check has failed as often in a row as `retries` allows.
        case unhealthy
        /// The main process has ended and has been reaped; remnants may be alive.
        case mainExited(treeIsEmpty: Bool)
        /// The tree is empty after the main process had ended earlier.
        case treeEmptied
        case deadlinePassed
    }

    /// What a new worker finds of a process that an earlier worker supervised.
    package enum Remains: Hashable, Sendable {
        /// The main process is alive, and the process was or was not ready. If only remnants are alive, `ready` is used
        /// and `mainExited` follows.
        case ready, unready
        /// Part of the tree is alive and was being ended; with the restart decision, unless a request ended the run.
        case stopping(RestartDecision?)
        /// The tree is empty, and the run ended after the earlier worker saved its record.
        case ended
        /// The tree is empty, and the earlier worker had made the restart decision.
        case judged(RestartDecision)
        /// The tree is empty, and the process is to be started: it was waiting for its dependencies or its schedule, or
        /// it is started with the agent.
        case absent
        /// The start had failed, or the process was given up; with the reason if the lifecycle knew it.
        case failed(RestartDecision?)
    }

    package enum Action: Hashable, Sendable {
        /// Call back with `dependenciesReady` once the dependencies are met, which may be at once.
        case awaitDependencies
        case spawn
        /// Send the stop signal to the tree.
        case terminate
        /// Send SIGKILL to the tree.
        case kill
        /// Start health checks; stop them.
        case watchHealth, ignoreHealth
        /// Arm `deadlinePassed` for the next time of the schedule.
        case awaitSchedule
        /// Arm `deadlinePassed` after this number of seconds. It must not come within the same call, even after 0
        /// seconds: a program that can't be executed would be started in an endless loop.
        case awaitBackoff(Double)
        /// Arm `deadlinePassed` for the timeout of `ready`.
        case awaitReady
        /// Arm `deadlinePassed` for the end of the grace period.
        case awaitGrace
        /// Arm `deadlinePassed` after ``Limits/killRecheck``.
        case awaitKill
        case cancelDeadline
    }
}
