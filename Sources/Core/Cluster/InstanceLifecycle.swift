package import Model

/// The lifecycle of one node or VM: events in, actions out, without I/O, clock or randomness.
/// pm-cluster's `Instances` feeds the events and performs the actions. "Its agent" is the agent in the node or VM,
/// "the host's agent" the one that runs it.
///
/// ```
///   queued ──▶ launching ──▶ booting ──▶ (starting) ──▶ running ◀──▶ down
///     ▲ absent     │ fails      │ fails      │ fails        │ remove, reset
///     │            ▼            ▼            ▼              ▼
///     ├───────────────────── inspecting ◀──────────────── (failed)
///     │ wanted up      present │    │ absent
///     └─────── killing ◀───────┘    ▼
///                 └──▶ forgetting ──▶ clearing ──▶ gone
/// ```
/// Only VMs have the phase `starting`, in which their process is started. Only committed instances can be `failed`. All
/// failures lead to `inspecting`: the host reports what it runs, and `want` decides the next step. After a restart of
/// pm-cluster, every saved instance begins there, so phases are not saved.
///
/// `held` is for an instance in an old file that its host does not know. It may have been removed after the file was
/// written, so it is not started until it is confirmed.
///
/// `want` is what was requested, `phase` what is observed. Until the creation was answered with success
/// (`isCommitted`), any failure undoes the instance. Afterwards it is restarted without limit.
package struct InstanceLifecycle: Hashable, Sendable {
    package internal(set) var phase: Phase
    package internal(set) var want: Want
    package internal(set) var isCommitted: Bool
    /// Whether the host runs something under its name that must be left alone.
    package internal(set) var isForeign = false
    /// Whether its file may be older than the fleet: the instance may have been removed or reset since.
    package internal(set) var isMismatched = false
    /// Whether its agent has to start a process: true for a VM.
    let hasProcess: Bool

    private init(phase: Phase, want: Want, isCommitted: Bool, hasProcess: Bool) {
        self.phase = phase
        self.want = want
        self.isCommitted = isCommitted
        self.hasProcess = hasProcess
    }

    /// A requested instance.
    ///
    /// - Returns: the lifecycle, and its first actions.
    package static func create(hasProcess: Bool) -> (InstanceLifecycle, [Action]) {
        let lifecycle = InstanceLifecycle(phase: .queued, want: .up, isCommitted: false, hasProcess: hasProcess)
        return (lifecycle, [.save, .queue, .await(.boot)])
    }

    /// An instance from a file, or one without a file that was found on a host.
    ///
    /// - Parameters:
    ///   - hasHost: whether a host may have been asked.
    ///   - isMismatched: whether its file may be older than the fleet.
    package static func recover(
        want: Want, isCommitted: Bool, hasHost: Bool, hasProcess: Bool, isMismatched: Bool = false
    ) -> (InstanceLifecycle, [Action]) {
        // An instance that was uncommitted when an old file was written may be in use by now.
        let mayBeUp = isCommitted || isMismatched && hasHost
        var lifecycle = InstanceLifecycle(
            phase: .inspecting, want: mayBeUp ? want : .down, isCommitted: isCommitted, hasProcess: hasProcess)
        lifecycle.isMismatched = isMismatched
        // It may have got a host since: what runs there must be neither ended nor cleared.
        lifecycle.isForeign = isMismatched && !hasHost
        let actions = lifecycle.enter(hasHost ? .inspecting : .clearing)
        return (lifecycle, actions)
    }

    package mutating func handle(_ event: Event) -> [Action] {
        switch phase {
        case .queued:
            switch event {
            case .admitted: return [.save] + enter(.launching)
            case .refused(let failure), .notSaved(let failure): return isCommitted ? fail(failure) : abandon(failure)
            case .deadlinePassed:
                let late = Failure(.timeout, "it was queued for too long")
                return isCommitted ? [.answerReset(late), .await(.boot)] : abandon(late)
            case .remove:
                want = .down
                return interrupted + (isCommitted ? [.save] : []) + enter(.clearing)
            case .reset: return isCommitted ? [] : [.answerReset(Self.unfinished)]
            case .hostLost: return isCommitted ? lose() : []
            case .started, .startFailed, .nameInUse, .inspected, .killed, .forgotten, .online, .offline,
                .processStarted, .processAbsent, .processFailed, .cleared, .hostOnline, .hostOffline:
                return []
            }

        case .launching:
            switch event {
            case .started: return enter(.booting)
            case .online: return booted()
            case .nameInUse: return enter(.inspecting)
            case .startFailed(let failure), .notSaved(let failure): return fail(failure)
            case .deadlinePassed: return late("the host did not answer in time")
            case .hostOffline: return isCommitted ? [] : fail(Self.hostOffline)
            case .hostOnline: return [.askAgain]
            case .hostLost: return lose()
            case .remove: return remove()
            case .reset: return reset()
            case .admitted, .refused, .inspected, .killed, .forgotten, .offline, .processStarted, .processAbsent,
                .processFailed, .cleared:
                return []
            }

        case .booting:
            switch event {
            case .online: return booted()
            case .startFailed(let failure): return fail(failure)
            case .deadlinePassed: return late("its agent did not come online in time")
            case .hostOffline: return isCommitted ? [] : fail(Self.hostOffline)
            case .hostLost: return lose()
            case .remove: return remove()
            case .reset: return reset()
            case .admitted, .refused, .started, .nameInUse, .inspected, .killed, .forgotten, .offline,
                .processStarted, .processAbsent, .processFailed, .cleared, .hostOnline, .notSaved:
                return []
            }

        case .starting:
            switch event {
            case .processStarted: return commit()
            case .processAbsent: return [.askProcessStart, .await(.step)]
            case .processFailed(let failure): return fail(failure)
            case .deadlinePassed: return late("its agent did not answer in time")
            case .online: return [.askProcess]
            case .offline:
                return isCommitted
                    ? enter(.booting) : fail(Failure(.internal, "it went offline while its process was started"))
            case .hostOffline: return isCommitted ? [] : fail(Self.hostOffline)
            case .hostLost: return lose()
            case .remove: return remove()
            case .reset: return reset()
            case .admitted, .refused, .started, .startFailed, .nameInUse, .inspected, .killed, .forgotten, .cleared,
                .hostOnline, .notSaved:
                return []
            }

        case .running:
            switch event {
            case .offline: return enter(.down)
            // Its agent was restarted unnoticed. If a VM was, its process has to be started again.
            case .online: return hasProcess ? booted() : []
            case .hostLost: return lose()
            case .remove: return remove()
            case .reset: return reset()
            // The record is saved again later.
            case .notSaved, .admitted, .refused, .started, .startFailed, .nameInUse, .inspected, .killed, .forgotten,
                .processStarted, .processAbsent, .processFailed, .cleared, .hostOnline, .hostOffline, .deadlinePassed:
                return []
            }

        case .down, .failed:
            switch event {
            case .online: return booted()
            case .hostOnline, .deadlinePassed: return enter(.inspecting)
            case .hostLost: return lose()
            case .remove: return remove()
            case .reset: return reset()
            case .notSaved, .admitted, .refused, .started, .startFailed, .nameInUse, .inspected, .killed, .forgotten,
                .offline, .processStarted, .processAbsent, .processFailed, .cleared, .hostOffline:
                return []
            }

        case .held:
            switch event {
            // The host may still report it later.
            case .inspected(.absent), .inspected(.ended): return []
            case .inspected(let finding): return take(finding)
            case .hostOnline, .deadlinePassed: return [.askInspect, .await(.retry)]
            case .hostLost: return lose()
            case .remove: return remove()
            case .reset:
                isMismatched = false
                return reset()
            case .notSaved, .admitted, .refused, .started, .startFailed, .nameInUse, .killed, .forgotten, .online,
                .offline, .processStarted, .processAbsent, .processFailed, .cleared, .hostOffline:
                return []
            }

        case .inspecting:
            switch event {
            case .inspected(let finding): return take(finding)
            case .hostOnline, .deadlinePassed: return enter(.inspecting)
            case .hostOffline: return interrupt(Self.hostOffline)
            case .hostLost: return lose()
            case .remove: return remove()
            case .reset: return reset()
            case .notSaved, .admitted, .refused, .started, .startFailed, .nameInUse, .killed, .forgotten, .online,
                .offline, .processStarted, .processAbsent, .processFailed, .cleared:
                return []
            }

        case .killing:
            switch event {
            // If it is wanted, its files on the host are kept, with the specs of a node's processes.
            case .killed: return want == .up ? enter(.queued) : enter(.forgetting)
            case .hostOnline, .deadlinePassed: return enter(.killing)
            case .hostOffline: return interrupt(Self.hostOffline)
            case .hostLost: return lose()
            case .remove: return remove()
            case .reset: return reset()
            case .notSaved, .admitted, .refused, .started, .startFailed, .nameInUse, .inspected, .forgotten, .online,
                .offline, .processStarted, .processAbsent, .processFailed, .cleared:
                return []
            }

        case .forgetting:
            switch event {
            case .forgotten: return enter(.clearing)
            // The host may have started it again after it was stopped.
            case .hostOnline, .deadlinePassed: return enter(.killing)
            case .hostOffline: return interrupt(Self.hostOffline)
            case .hostLost: return lose()
            case .remove: return []
            case .reset: return [.answerReset(Self.removed)]
            case .admitted, .refused, .started, .startFailed, .nameInUse, .inspected, .killed, .online, .offline,
                .processStarted, .processAbsent, .processFailed, .cleared, .notSaved:
                return []
            }

        case .clearing:
            switch event {
            case .cleared:
                phase = .gone
                return [.cancelDeadline, .drop, .answerRemove(nil)]
            case .deadlinePassed: return enter(.clearing)
            case .reset: return [.answerReset(Self.removed)]
            case .admitted, .refused, .started, .startFailed, .nameInUse, .inspected, .killed, .forgotten, .online,
                .offline, .processStarted, .processAbsent, .processFailed, .hostOnline, .hostOffline, .hostLost,
                .remove, .notSaved:
                return []
            }

        case .gone:
            switch event {
            case .remove: return [.answerRemove(nil)]
            case .reset: return [.answerReset(Self.removed)]
            case .admitted, .refused, .started, .startFailed, .nameInUse, .inspected, .killed, .forgotten, .online,
                .offline, .processStarted, .processAbsent, .processFailed, .cleared, .hostOnline, .hostOffline,
                .hostLost, .deadlinePassed, .notSaved:
                return []
            }
        }
    }
}
