package import Model

/// The life of one node or VM as a pure machine: events in, actions out, no I/O, no clock and no chance.
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
/// `starting` is for what has a process of its own, a VM; `failed` for what was there once. Whatever goes wrong leads to
/// `inspecting`: the host says what there is, and what follows is what is wanted. So a new pm-cluster begins there with all
/// that an earlier one has written down, wherever that had come to.
///
/// `held` is for what an old file tells of and its host does not know: it may have been removed since the file was
/// written, so it is not started until somebody confirms it.
///
/// What is wanted and what is observed are apart: `want` is what somebody asked for. Until somebody has been told that it
/// runs (`isCommitted`), every failure undoes it; afterwards it is brought up again and again.
package struct InstanceLifecycle: Hashable, Sendable {
    package internal(set) var phase: Phase
    package internal(set) var want: Want
    package internal(set) var isCommitted: Bool
    /// Whether what its host runs under its name is somebody else's.
    package internal(set) var isForeign = false
    /// Whether its file may be older than the fleet: what it tells of may have been removed or renewed since.
    package internal(set) var isDoubtful = false
    /// Whether the agent inside has to start a process.
    let hasProcess: Bool

    private init(phase: Phase, want: Want, isCommitted: Bool, hasProcess: Bool) {
        self.phase = phase
        self.want = want
        self.isCommitted = isCommitted
        self.hasProcess = hasProcess
    }

    /// One that somebody has just asked for.
    ///
    /// - Returns: the machine, and what is to be done first.
    package static func create(hasProcess: Bool) -> (InstanceLifecycle, [Action]) {
        let lifecycle = InstanceLifecycle(phase: .queued, want: .up, isCommitted: false, hasProcess: hasProcess)
        return (lifecycle, [.save, .queue, .await(.boot)])
    }

    /// One that an earlier pm-cluster has written down, or that is found on a host and nobody knows.
    ///
    /// - Parameters:
    ///   - hasHost: whether a host may have been asked.
    ///   - isDoubtful: whether its file may be older than the fleet.
    package static func recover(
        want: Want, isCommitted: Bool, hasHost: Bool, hasProcess: Bool, isDoubtful: Bool = false
    ) -> (InstanceLifecycle, [Action]) {
        // One that was on its way when an old file was written may be in use by now.
        let mayBeUp = isCommitted || isDoubtful && hasHost
        var lifecycle = InstanceLifecycle(
            phase: .inspecting, want: mayBeUp ? want : .down, isCommitted: isCommitted, hasProcess: hasProcess)
        lifecycle.isDoubtful = isDoubtful
        // It may have been given a host since: what that runs is not ended for it.
        lifecycle.isForeign = isDoubtful && !hasHost
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
                let late = Failure(.timeout, "its turn did not come in time")
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
            case .deadlinePassed: return late("the agent inside did not answer in time")
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
            // It has come back so fast that nobody saw it go: what ran in a VM went with it.
            case .online: return hasProcess ? booted() : []
            case .hostLost: return lose()
            case .remove: return remove()
            case .reset: return reset()
            // What could not be written down is written with the next change.
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
            // It may turn up after all.
            case .inspected(.absent), .inspected(.ended): return []
            case .inspected(let finding): return take(finding)
            case .hostOnline, .deadlinePassed: return [.askInspect, .await(.retry)]
            case .hostLost: return lose()
            case .remove: return remove()
            case .reset:
                isDoubtful = false
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
            // Where it is wanted, its files stay: what it was wanted to run is among them.
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
            // It may have been started again since it was stopped.
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
