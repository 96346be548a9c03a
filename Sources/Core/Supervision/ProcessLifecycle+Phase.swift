package import Model

extension ProcessLifecycle {
    package enum Phase: String, Sendable, CaseIterable {
        /// Never started.
        case idle
        /// Waits for its dependencies.
        case waiting
        /// Waits for the next time of its schedule.
        case scheduled
        /// The launch is in progress.
        case starting
        /// Executed, but not ready yet.
        case warming
        case running
        /// The stop signal has been sent, and the grace period is running.
        case terminating
        /// SIGKILL has been sent.
        case killing
        /// Ended; a restart follows after the back-off.
        case backoff
        /// Ended; the tree is empty.
        case exited
        /// The start failed, or the process was given up.
        case failed
    }

    /// The state on the wire for this phase.
    package var state: ProcessState {
        switch phase {
        case .idle, .waiting, .starting, .warming: .starting
        case .running: .running
        case .terminating, .killing: .stopping
        case .backoff: .backoff
        case .scheduled, .exited: .exited
        case .failed: .failed
        }
    }

    /// Whether it has processes or will start some without a further request. Its id is then in use, and a stop has an
    /// effect.
    package var isLive: Bool {
        switch phase {
        case .waiting, .scheduled, .starting, .warming, .running, .terminating, .killing, .backoff: true
        case .idle, .exited, .failed: false
        }
    }

    /// Whether it has a tree. When this becomes false, the caller releases the tree.
    package var hasTree: Bool {
        switch phase {
        case .warming, .running, .terminating, .killing: true
        case .idle, .waiting, .scheduled, .starting, .backoff, .exited, .failed: false
        }
    }
}

extension ProcessLifecycle.Phase {
    /// Whether a run is in progress that was not asked to end. If it ends now, it ended by itself.
    package var isRunByItself: Bool {
        switch self {
        case .starting, .warming, .running: true
        case .idle, .waiting, .scheduled, .terminating, .killing, .backoff, .exited, .failed: false
        }
    }

    /// Whether a deadline is armed in this phase.
    var hasDeadline: Bool {
        switch self {
        case .scheduled, .warming, .terminating, .killing, .backoff: true
        case .idle, .waiting, .starting, .running, .exited, .failed: false
        }
    }
}
