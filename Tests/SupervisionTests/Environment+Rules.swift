import Model
import Supervision

extension Environment {
    /// Rules that must hold after each event; returns those that are broken.
    func broken(_ step: Step, _ before: Environment, _ actions: [ProcessLifecycle.Action]) -> [String] {
        var rules: [String] = []
        func check(_ rule: String, _ holds: Bool) { if !holds { rules.append(rule) } }
        let phase = lifecycle.phase
        let isEnding = phase == .terminating || phase == .killing
        check("the deadline \(String(describing: deadline))", deadline == Self.deadline(of: phase))
        check("a spawn is pending exactly in the phase starting", isSpawnPending == (phase == .starting))
        check("up only with a main process", phase != .running && phase != .warming || isMainAlive)
        check("something is alive exactly if there is a tree", isAnythingAlive == lifecycle.hasTree)
        check("the stop signal is sent exactly while it stops", (isStopping && lifecycle.hasTree) == isEnding)
        check("health is watched exactly while it runs", isWatched == (phase == .running))
        check("killing without SIGKILL", (phase == .killing) == (isUnderKill && isEnding))
        check("warming without ready rules", phase != .warming || traits.showsReadiness)
        check("scheduled without a schedule", phase != .scheduled || traits.isPeriodic)
        let isUpOrComing = [.waiting, .scheduled, .warming, .running, .backoff].contains(phase)
        check("\(phase) and unwanted", !isUpOrComing || lifecycle.want == .up)
        check("ended and wanted", lifecycle.isLive || lifecycle.want == .down || phase == .failed)
        check("live, but nothing to wait for", lifecycle.isLive == (isAnythingAlive || isSpawnPending || isUpOrComing))
        check("the mapping of \(phase)", lifecycle.state == Self.state(of: phase))

        let isDeadline = step.end == .notReady
        check("killed before the grace period", !actions.contains(.kill) || isDeadline)
        let isAgain = before.deadline == .kill && isDeadline
        check("SIGKILL is not repeated", !isAgain || actions == [.kill, .awaitKill])
        let isComing = phase == .waiting && before.lifecycle.phase != .waiting
        check("dependencies awaited", actions.contains(.awaitDependencies) == isComing)
        check("started before its dependencies", !skipsDependencies(step, before, actions))
        checkOutcome(of: step, before, check)
        return rules
    }

    private func checkOutcome(of step: Step, _ before: Environment, _ check: (String, Bool) -> Void) {
        let phase = lifecycle.phase
        switch step {
        case .stop:
            check("wanted after a stop", lifecycle.want == .down)
            check("a decision after a stop", lifecycle.decision == nil || phase == .failed)
            check(
                "live after a stop without a process", !lifecycle.isLive || lifecycle.hasTree || isSpawnPending)
        case .start, .restart:
            check("unwanted after a start", lifecycle.want == .up && lifecycle.isLive)
            let isIdle = !before.lifecycle.isLive || before.lifecycle.phase == .scheduled
            check("not started at once", step == .start || !isIdle || phase == firstPhase)
            check("still up after a restart", step == .start || phase != .running && phase != .warming)
        case .spawnFails:
            // After a stop in the meantime, the process is not wanted up any more.
            let isFinal = before.lifecycle.want == .up && before.isAsked && !traits.isPeriodic
            check("a failed start", isFinal ? phase == .failed : phase == follower(before.lifecycle.want))
        case .turnsUnhealthy(let decision):
            let isSpared = decision == .staysEnded || traits.isPeriodic
            check("unhealthy", phase == (isSpared ? .running : .terminating))
        case .becomesReady: check("ready", phase == .running)
        case .mainExitsLast, .lastOtherExits: check("the tree is empty", phase == follower(before.lifecycle.want))
        case .adoption(let adoption, _):
            switch adoption.remains {
            case .failed: check("adopted", phase == .failed)
            case .absent: check("adopted", phase == absentPhase(adoption.want))
            case .ended, .judged: check("adopted", phase == follower(adoption.want))
            case .stopping: check("adopted", phase == .terminating)
            case .ready: check("adopted", phase == (adoption.want == .up ? .running : .terminating))
            case .unready:
                let livingPhase: ProcessLifecycle.Phase = traits.showsReadiness ? .warming : .running
                check("adopted", phase == (adoption.want == .up ? livingPhase : .terminating))
            }
        case .dependenciesReady, .spawnSucceeds, .mainExitsBeforeOthers, .deadlinePasses, .mainForks: break
        }
    }

    private var firstPhase: ProcessLifecycle.Phase { traits.hasDependencies ? .waiting : .starting }

    private func absentPhase(_ want: Want) -> ProcessLifecycle.Phase {
        want == .down ? .exited : traits.isPeriodic ? .scheduled : firstPhase
    }

    /// The phase that must follow when the tree is empty.
    private func follower(_ want: Want) -> ProcessLifecycle.Phase {
        guard want == .up else { return .exited }
        return switch sequel {
        case .asWanted: firstPhase
        case .scheduled: .scheduled
        case .by(.staysEnded): .exited
        case .by(.restarts): .backoff
        case .by(.givesUp): .failed
        }
    }

    private func skipsDependencies(_ step: Step, _ before: Environment, _ actions: [ProcessLifecycle.Action]) -> Bool {
        guard traits.hasDependencies, actions.contains(.spawn) else { return false }
        return step != .dependenciesReady && before.deadline != .backoff
    }

    static func deadline(of phase: ProcessLifecycle.Phase) -> Deadline? {
        switch phase {
        case .scheduled: .schedule
        case .warming: .ready
        case .terminating: .grace
        case .killing: .kill
        case .backoff: .backoff
        case .idle, .waiting, .starting, .running, .exited, .failed: nil
        }
    }

    static func state(of phase: ProcessLifecycle.Phase) -> ProcessState {
        switch phase {
        case .idle, .waiting, .starting, .warming: .starting
        case .running: .running
        case .terminating, .killing: .stopping
        case .backoff: .backoff
        case .scheduled, .exited: .exited
        case .failed: .failed
        }
    }
}
