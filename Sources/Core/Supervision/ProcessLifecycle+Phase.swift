package import Model

extension ProcessLifecycle {
    package enum Phase: String, Sendable, CaseIterable {
        /// Never started.
        case idle
        /// For those it depends on.
        case waiting
        /// For its next time.
        case scheduled
        /// The spawn is under way.
        case starting
        /// Executed, and not ready yet.
        case warming
        case running
        /// The stop signal is sent, the grace period runs.
        case terminating
        /// SIGKILL is sent.
        case killing
        /// Ended, and to be started again when the delay is over.
        case backoff
        /// Ended, and nothing of it is left.
        case exited
        /// Could not be started, or was given up.
        case failed
    }

    /// The phase as everybody sees it.
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

    /// Whether something of it may be alive, or is about to be: its name is in use, and a stop has something to do.
    package var isLive: Bool {
        switch phase {
        case .waiting, .scheduled, .starting, .warming, .running, .terminating, .killing, .backoff: true
        case .idle, .exited, .failed: false
        }
    }

    /// Whether there are processes of it: there is a tree to hold, and to let go of when this becomes false.
    package var hasTree: Bool {
        switch phase {
        case .warming, .running, .terminating, .killing: true
        case .idle, .waiting, .scheduled, .starting, .backoff, .exited, .failed: false
        }
    }
}

extension ProcessLifecycle.Phase {
    /// Whether a run is under way that nothing has been asked to end: an end now is its own.
    package var isRunByItself: Bool {
        switch self {
        case .starting, .warming, .running: true
        case .idle, .waiting, .scheduled, .terminating, .killing, .backoff, .exited, .failed: false
        }
    }

    /// Whether `deadlinePassed` ends it.
    var hasDeadline: Bool {
        switch self {
        case .scheduled, .warming, .terminating, .killing, .backoff: true
        case .idle, .waiting, .starting, .running, .exited, .failed: false
        }
    }
}
