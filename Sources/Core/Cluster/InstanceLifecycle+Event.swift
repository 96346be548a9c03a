package import Model

extension InstanceLifecycle {
    package enum Event: Equatable, Sendable {
        /// The queue has admitted it, and it has a host.
        case admitted
        /// The queue has admitted it, and no host can run it.
        case refused(Failure)
        /// The host's agent has started it.
        case started
        /// The host's agent could not start it.
        case startFailed(Failure)
        /// The host already runs something under this name, perhaps from an earlier request.
        case nameInUse
        /// The host's answer to `askInspect`.
        case inspected(Finding)
        /// The host has stopped it, or did not run it.
        case killed
        /// The host has removed it, or did not know it.
        case forgotten
        /// Its agent is online with its generation.
        case online
        case offline
        /// Its agent has started the process or knows it. A process that has ended is the agent's to restart.
        case processStarted
        /// Its agent does not know the process.
        case processAbsent
        case processFailed(Failure)
        /// All its retained topics have been cleared.
        case cleared
        case hostOnline
        case hostOffline
        /// The host and the instance have been offline for too long.
        case hostLost
        /// Requests.
        case remove, reset
        case deadlinePassed
        /// Saving failed. The host is not asked without it: pm-cluster would not know the instance after a crash.
        case notSaved(Failure)
    }

    package enum Finding: Hashable, Sendable, CaseIterable {
        case absent
        /// This generation runs.
        case present
        /// A generation of a pm-cluster that has ended and is not restarted.
        case ended
        /// A generation runs that this pm-cluster has replaced or ended.
        case outdated
        /// A generation of a pm-cluster runs that the files do not know, so it is newer than the files.
        case newer
        /// Something runs that no pm-cluster has started.
        case foreign
    }

    package enum Action: Equatable, Sendable {
        /// Add to the queue; `admitted` or `refused` follows.
        case queue
        /// Ask the host to start, inspect, stop or remove it. An offline host is not asked; `hostOnline` repeats the
        /// request.
        case askStart, askInspect, askKill, askForget
        /// Send the last request again.
        case askAgain
        /// `online` follows when its agent is online, perhaps at once.
        case awaitOnline
        /// Ask its agent for the process, and to start the process.
        case askProcess, askProcessStart
        /// Clear all its retained topics; `cleared` follows. `clearState` clears only pm-cluster's state topic.
        case clear, clearState
        /// Save the record; on failure, `notSaved` may follow.
        case save
        /// Take generation, labels and size from what the host runs; the next `save` saves them.
        case adopt
        /// Create a new generation; the next `save` saves it.
        case renew
        /// Remove the file and the instance.
        case drop
        /// Answer the pending requests of this kind; nil is success.
        case answerCreate(Failure?)
        case answerReset(Failure?)
        case answerRemove(Failure?)
        /// Set the reason that entries show; nil if it is in the wanted state.
        case note(Failure?)
        /// Start a deadline, after which `deadlinePassed` follows. It replaces the previous one.
        case await(Deadline)
        case cancelDeadline
    }

    package enum Deadline: Hashable, Sendable, CaseIterable {
        /// For an agent's answer.
        case step
        /// For a boot, and for a place in the queue.
        case boot
        /// Until the next attempt.
        case retry
    }
}
