import Model

/// The transitions that ``InstanceLifecycle/handle(_:)`` selects.
extension InstanceLifecycle {
    static let hostOffline = Failure(.hostOffline, "its host is offline")
    static let removedLater = Failure(.hostOffline, "its host is offline: it is removed when the host is online")
    static let removed = Failure(.notAllowed, "it is being removed")
    static let unfinished = Failure(.notAllowed, "it is still being started")
    static let interruptedByRemoval = Failure(.notAllowed, "it was removed before it was up")

    static let unknownOutcome = Failure(
        .internal, "pm-cluster's state is old: the outcome of this request is not known")
    static let renewed = Failure(.notAllowed, "it was created or reset since, and is left alone: try again")
    static let held = Failure(
        .internal, "its host does not know it, and it may have been removed on purpose: adopt or remove it")

    /// Every transition to a phase goes through here.
    mutating func enter(_ next: Phase) -> [Action] {
        phase = next
        switch next {
        case .queued: return [.queue, .await(.boot)]
        case .launching: return [.askStart, .await(.step)]
        case .booting: return [.await(.boot), .awaitOnline]
        // A guest has no disk, so a new one knows no process. A process that it knows was started in this guest.
        case .starting: return [.askProcess, .await(.step)]
        case .running: return [.cancelDeadline, .note(nil)]
        case .down: return [.note(Failure(.internal, "its agent is gone")), .await(.boot), .awaitOnline]
        case .failed: return [.await(.retry)]
        case .held: return [.note(Self.held), .answerReset(Self.held), .await(.retry)]
        case .inspecting: return [.askInspect, .await(.retry)]
        case .killing: return [.askKill, .await(.retry)]
        case .forgetting: return [.askForget, .await(.retry)]
        case .clearing: return [isForeign ? .clearState : .clear, .await(.retry)]
        case .gone: return [.cancelDeadline]
        }
    }

    /// Its agent is online.
    mutating func booted() -> [Action] { hasProcess ? enter(.starting) : commit() }

    /// It is fully up.
    mutating func commit() -> [Action] {
        let isNew = !isCommitted
        isCommitted = true
        let actions = enter(.running)
        // Saved before the answer: after a success, a crash of pm-cluster must not undo the instance.
        return isNew ? [.save] + actions + [.answerCreate(nil)] : actions + [.answerReset(nil)]
    }

    /// It could not be started.
    mutating func fail(_ failure: Failure) -> [Action] {
        if isCommitted {
            // The host is inspected only after the retry delay, so that a failing start does not loop.
            return [.answerReset(failure), .note(failure)] + enter(.failed)
        }
        want = .down
        return [.note(failure), .answerCreate(failure)] + enter(.inspecting)
    }

    mutating func late(_ what: String) -> [Action] {
        let failure = Failure(.timeout, what)
        guard isCommitted else { return fail(failure) }
        return [.answerReset(failure), .note(failure)] + enter(.inspecting)
    }

    /// Gives up an instance that no host was asked to start.
    mutating func abandon(_ failure: Failure) -> [Action] {
        want = .down
        return [.answerCreate(failure)] + enter(.clearing)
    }

    /// Answers the requests that wait for it to be up.
    var interrupted: [Action] {
        isCommitted ? [.answerReset(Self.removed)] : [.answerCreate(Self.interruptedByRemoval)]
    }

    mutating func remove() -> [Action] {
        guard want == .up else { return [] }
        let actions = interrupted
        want = .down
        return [.save] + actions + enter(phase == .killing ? .killing : .inspecting)
    }

    mutating func reset() -> [Action] {
        guard want == .up else { return [.answerReset(Self.removed)] }
        guard isCommitted else { return [.answerReset(Self.unfinished)] }
        // With the new generation, what the host runs is outdated, also for pm-cluster after a restart.
        return [.renew, .save] + enter(.inspecting)
    }

    /// The host has to act and is offline: answers the requests. The work continues when the host is online.
    func interrupt(_ failure: Failure) -> [Action] {
        [.note(failure)] + (want == .up ? [.answerReset(failure)] : [.answerRemove(Self.removedLater)])
    }

    mutating func lose() -> [Action] {
        let failure = Failure(.hostOffline, "its host is lost")
        let answers: [Action] =
            want == .up ? [isCommitted ? .answerReset(failure) : .answerCreate(failure)] : []
        want = .down
        return [.note(failure)] + answers + [.save] + enter(.clearing)
    }

    mutating func take(_ finding: Finding) -> [Action] {
        switch (want, finding) {
        case (.up, .absent), (.up, .ended): return isMismatched ? doubt(finding) : enter(.queued)
        case (.down, .absent): return enter(.clearing)
        case (.down, .ended): return enter(.forgetting)
        case (.up, .present): return isMismatched ? confirmPresent() : enter(.booting)
        case (.down, .present), (.up, .outdated), (.down, .outdated): return enter(.killing)
        // An uncommitted instance does not take over what another pm-cluster has created under its name.
        case (_, .newer): return isCommitted || isMismatched ? adopt() : leaveAlone()
        case (_, .foreign): return leaveAlone()
        }
    }

    /// The host runs something under this name that pm-cluster must not stop.
    private mutating func leaveAlone() -> [Action] {
        let failure = Failure(.nameInUse, "its host runs something else with this name")
        guard want == .down || !isCommitted else { return fail(failure) }
        isForeign = true
        guard want == .up else { return enter(.clearing) }
        want = .down
        return [.note(failure), .answerCreate(failure)] + enter(.clearing)
    }

    /// The host does not run it, and it may have been removed since its file was written.
    private mutating func doubt(_ finding: Finding) -> [Action] {
        if isCommitted { return enter(.held) }
        want = .down
        return [.save, .answerCreate(Self.unknownOutcome)] + enter(finding == .ended ? .forgetting : .clearing)
    }

    private mutating func confirmPresent() -> [Action] {
        isMismatched = false
        let wasCommitted = isCommitted
        isCommitted = true
        return [.save] + (wasCommitted ? [] : [.answerCreate(Self.unknownOutcome)]) + enter(.booting)
    }

    /// Takes over what the host runs, instead of what the file says.
    private mutating func adopt() -> [Action] {
        let answer: Action =
            want == .down
            ? .answerRemove(Self.renewed)
            : isCommitted ? .answerReset(Self.renewed) : .answerCreate(Self.unknownOutcome)
        (want, isCommitted, isMismatched) = (.up, true, false)
        return [.adopt, .save, answer] + enter(.booting)
    }

    /// Called when a state mismatch is detected: the file may be older than the fleet.
    package mutating func beginMismatch() {
        // An uncommitted instance was created by this pm-cluster, so its file is not old.
        if isCommitted { isMismatched = true }
    }

    /// Called when the state is confirmed. No effect before the host has answered, as the instance may not exist.
    package mutating func confirm() -> [Action] {
        guard isCommitted, phase != .inspecting else { return [] }
        isMismatched = false
        return phase == .held ? enter(.inspecting) : []
    }
}
