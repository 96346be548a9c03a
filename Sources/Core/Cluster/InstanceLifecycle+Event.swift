package import Model

extension InstanceLifecycle {
    package enum Event: Equatable, Sendable {
        /// It is its turn, and it has a host.
        case admitted
        /// It was its turn, and no host can take it.
        case refused(Failure)
        /// The host has started it.
        case started
        /// The host's agent could not start it.
        case startFailed(Failure)
        /// The host runs something else of this name, or has been asked before.
        case nameInUse
        /// What the host knows of it.
        case inspected(Finding)
        /// The host has stopped it, or had nothing to stop.
        case killed
        /// The host has forgotten it, or knew nothing of it.
        case forgotten
        /// The agent inside is online, with its generation.
        case online
        case offline
        /// The agent inside has started the process, or knows of it: that it has ended is not ours to mend.
        case processStarted
        /// The agent inside knows nothing of the process.
        case processAbsent
        case processFailed(Failure)
        /// All that was retained of it has been taken away.
        case cleared
        case hostOnline
        case hostOffline
        /// The host has been away for too long, and so has this.
        case hostLost
        /// Somebody wants it gone, or anew.
        case remove, reset
        case deadlinePassed
        /// What has to be known after a crash, before its host is asked, could not be written down.
        case notSaved(Failure)
    }

    package enum Finding: Hashable, Sendable, CaseIterable {
        case absent
        /// This generation.
        case present
        /// One of our generations, that has ended and is not started again.
        case ended
        /// A generation that this pm-cluster has replaced or ended.
        case outdated
        /// A generation of a pm-cluster, of which this one's files know nothing: it is newer than they are.
        case newer
        /// Nothing that this cluster has started.
        case foreign
    }

    package enum Action: Equatable, Sendable {
        /// Say `admitted` or `refused` when it is its turn.
        case queue
        /// Ask the host to start it, to look for it, to stop it, to forget it. Where the host is away nothing is asked:
        /// `hostOnline` asks again.
        case askStart, askInspect, askKill, askForget
        /// Ask once more what was asked last.
        case askAgain
        /// Say `online` as soon as it is, which may be at once.
        case awaitOnline
        /// Ask the agent inside what it knows of the process, and to start it.
        case askProcess, askProcessStart
        /// Take away all that is retained of it, and say `cleared`; `clearState` only what is retained by this service.
        case clear, clearState
        /// Write down what has changed, or say `notSaved`.
        case save
        /// Take over from its host what this is now; the next `save` writes it down.
        case adopt
        /// A new generation, which the next `save` writes down.
        case renew
        /// Drop the file: nothing is left.
        case drop
        /// Answer whoever wanted it made, anew, gone; nil is success.
        case answerCreate(Failure?)
        case answerReset(Failure?)
        case answerRemove(Failure?)
        /// Why it is not as it should be, for people; nil when it is.
        case note(Failure?)
        /// `deadlinePassed` is due after this; a new one replaces the last.
        case await(Deadline)
        case cancelDeadline
    }

    package enum Deadline: Hashable, Sendable, CaseIterable {
        /// Of a step that an agent answers.
        case step
        /// Of a boot.
        case boot
        /// Until something is tried again.
        case retry
    }
}
