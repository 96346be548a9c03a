package import Model

extension ProcessMachine {
    /// What a spec says of the course of a process's life.
    package struct Traits: Hashable, Sendable {
        /// It runs at times of its own.
        package var isScheduled = false
        /// It is started when others are up.
        package var hasDependencies = false
        /// It says when it is up.
        package var needsReadiness = false

        package init() {}

        package init(_ spec: ProcessSpec) {
            isScheduled = spec.schedule != nil
            hasDependencies = !spec.dependsOn.isEmpty
            needsReadiness = spec.ready != nil
        }
    }

    package enum Phase: Hashable, Sendable, CaseIterable {
        /// Never started.
        case idle
        /// For those that it depends on.
        case waiting
        /// For its next time.
        case scheduled
        case starting
        /// Executed, and not up yet.
        case warming
        case running
        /// The stop signal is sent, the grace period runs.
        case terminating
        /// SIGKILL is sent.
        case killing
        /// Ended, and to be started again after a while.
        case backoff
        /// Ended, and nothing of it is left.
        case exited
        /// Could not be started, or was given up.
        case failed
    }

    package enum Event: Hashable, Sendable {
        case start, stop, restart
        case dependenciesUp
        case spawned
        case spawnFailed(Verdict)
        case ready, unhealthy
        /// The process itself has ended and is reaped; others of its tree live on.
        case leaderExited
        /// All of its tree is gone.
        case gone(Verdict)
        /// What the last `await…` action asked for is over.
        case deadlinePassed
        /// An agent begins with what one before it has left.
        case recovered(Remains)
    }

    package enum Action: Hashable, Sendable {
        case spawn
        /// Tells when all are up that it depends on.
        case awaitDependencies
        /// Sends the stop signal to the tree.
        case terminate
        /// Sends SIGKILL to the tree.
        case kill
        /// `deadlinePassed` is due after the grace period.
        case awaitGrace
        /// `deadlinePassed` is due after ``Limits/killRecheck``.
        case awaitKill
        /// `deadlinePassed` is due when it ought to be up.
        case awaitReady
        /// `deadlinePassed` is due after the delay that goes with the verdict.
        case awaitBackoff
        /// `deadlinePassed` is due at the next time of the schedule.
        case awaitSchedule
        case cancelDeadline
        case beginChecks, endChecks
    }

    /// What the rules say of a run that has ended.
    package enum Verdict: Hashable, Sendable, CaseIterable { case stays, restarts, givesUp }

    /// What an agent finds of a process at its start.
    package enum Remains: Hashable, Sendable {
        case running
        /// Something of it lives on that is not wanted, or without its leader.
        case stopping(Want)
        case ended(Want, Verdict)
        case failed(Want)
    }
}

extension ProcessMachine {
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

    /// Whether something of it may be alive, or is about to be.
    package var isLive: Bool {
        switch phase {
        case .waiting, .scheduled, .starting, .warming, .running, .terminating, .killing, .backoff: true
        case .idle, .exited, .failed: false
        }
    }

    /// Whether there is a tree of processes.
    package var hasTree: Bool {
        switch phase {
        case .warming, .running, .terminating, .killing: true
        case .idle, .waiting, .scheduled, .starting, .backoff, .exited, .failed: false
        }
    }
}
