import Model

/// What the table is made of.
extension InstanceLifecycle {
    static let hostOffline = Failure(.hostOffline, "its host is offline")
    static let removedLater = Failure(.hostOffline, "its host is offline: it is removed when that is back")
    static let removed = Failure(.notAllowed, "it is being removed")
    static let unfinished = Failure(.notAllowed, "it is still being started")
    static let interruptedByRemoval = Failure(.notAllowed, "it was removed before it was up")

    static let unknownOutcome = Failure(
        .internal, "pm-cluster has an old state: what became of this request is not known")
    static let renewed = Failure(.notAllowed, "it has been made anew since, and is left alone: ask again")
    static let held = Failure(
        .internal, "its host does not know it, and it may have been removed on purpose: adopt it, or remove it")

    /// Every phase is entered here.
    mutating func enter(_ next: Phase) -> [Action] {
        phase = next
        switch next {
        case .queued: return [.queue, .await(.boot)]
        case .launching: return [.askStart, .await(.step)]
        case .booting: return [.await(.boot), .awaitOnline]
        // A guest has no disk: one that is new knows nothing. So what it knows has been started already.
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

    /// The agent inside is there.
    mutating func booted() -> [Action] { hasProcess ? enter(.starting) : commit() }

    /// All of it is there.
    mutating func commit() -> [Action] {
        let isNew = !isCommitted
        isCommitted = true
        let actions = enter(.running)
        // Written down first: whoever was told so must find it after a crash.
        return isNew ? [.save] + actions + [.answerCreate(nil)] : actions + [.answerReset(nil)]
    }

    /// It could not be brought up.
    mutating func fail(_ failure: Failure) -> [Action] {
        if isCommitted {
            // Not at once: what the host did or did not do is looked for after a while.
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

    /// It was never asked for anywhere.
    mutating func abandon(_ failure: Failure) -> [Action] {
        want = .down
        return [.answerCreate(failure)] + enter(.clearing)
    }

    /// Whoever waits for it to be up need not wait any more.
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
        // What there is then is outdated, and found so now or by a later pm-cluster.
        return [.renew, .save] + enter(.inspecting)
    }

    /// Where only the host can go on and it is away: it is gone on with when the host is back.
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
        case (.up, .absent), (.up, .ended): return isDoubtful ? doubt(finding) : enter(.queued)
        case (.down, .absent): return enter(.clearing)
        case (.down, .ended): return enter(.forgetting)
        case (.up, .present): return isDoubtful ? confirmPresent() : enter(.booting)
        case (.down, .present), (.up, .outdated), (.down, .outdated): return enter(.killing)
        // What is being made is not taken for what somebody else has made.
        case (_, .newer): return isCommitted || isDoubtful ? adopt() : leaveAlone()
        case (_, .foreign): return leaveAlone()
        }
    }

    /// Not ours to stop.
    private mutating func leaveAlone() -> [Action] {
        let failure = Failure(.nameInUse, "its host runs something else of this name")
        guard want == .down || !isCommitted else { return fail(failure) }
        isForeign = true
        guard want == .up else { return enter(.clearing) }
        want = .down
        return [.note(failure), .answerCreate(failure)] + enter(.clearing)
    }

    /// It is not there, and was perhaps removed since its file was written.
    private mutating func doubt(_ finding: Finding) -> [Action] {
        if isCommitted { return enter(.held) }
        want = .down
        return [.save, .answerCreate(Self.unknownOutcome)] + enter(finding == .ended ? .forgetting : .clearing)
    }

    private mutating func confirmPresent() -> [Action] {
        isDoubtful = false
        let wasCommitted = isCommitted
        isCommitted = true
        return [.save] + (wasCommitted ? [] : [.answerCreate(Self.unknownOutcome)]) + enter(.booting)
    }

    /// What there is counts, not what the file says.
    private mutating func adopt() -> [Action] {
        let answer: Action =
            want == .down
            ? .answerRemove(Self.renewed)
            : isCommitted ? .answerReset(Self.renewed) : .answerCreate(Self.unknownOutcome)
        (want, isCommitted, isDoubtful) = (.up, true, false)
        return [.adopt, .save, answer] + enter(.booting)
    }

    /// Its file may be older than the fleet, as has turned out only now.
    package mutating func beginDoubt() {
        // What is being made now is in no old file.
        if isCommitted { isDoubtful = true }
    }

    /// Somebody says that its file is right. Where its host has not been asked yet, nobody can know.
    package mutating func confirm() -> [Action] {
        guard isCommitted, phase != .inspecting else { return [] }
        isDoubtful = false
        return phase == .held ? enter(.inspecting) : []
    }
}
