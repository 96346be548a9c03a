import Model
import Supervision

/// All that surrounds a process machine, as small as it can be: it produces exactly the events that can really happen,
/// and says which rule an action or a state breaks.
struct Environment: Hashable {
    var machine = ProcessMachine()
    var isSpawnPending = false
    var isLeaderAlive = false
    var hasOthers = false
    var isDeadlineArmed = false
    var isUnderKill = false

    /// What can happen next, each with a name and the world in which it has.
    enum Step: Hashable, CaseIterable {
        case start, stop, restart
        case spawnSucceeds, spawnFails
        case leaderExitsLast, leaderExitsBeforeOthers, lastOtherExits, deadlinePasses
        /// The leader forks: others of its group appear. No event.
        case leaderForks
    }

    var legalSteps: [Step] {
        Step.allCases.filter { step in
            switch step {
            // A spawn is synchronous: no request gets between it and its outcome, but the machine must not rely on it.
            case .start, .stop, .restart: true
            case .spawnSucceeds, .spawnFails: isSpawnPending
            case .leaderExitsLast: isLeaderAlive && !hasOthers
            case .leaderExitsBeforeOthers: isLeaderAlive && hasOthers
            case .lastOtherExits: !isLeaderAlive && hasOthers
            case .deadlinePasses: isDeadlineArmed
            case .leaderForks: isLeaderAlive && !hasOthers
            }
        }
    }

    /// - Returns: the rules that were broken.
    mutating func take(_ step: Step) -> [String] {
        let before = self
        let event: ProcessMachine.Event
        switch step {
        case .start: event = .start
        case .stop: event = .stop
        case .restart: event = .restart
        case .spawnSucceeds:
            isSpawnPending = false
            isLeaderAlive = true
            event = .spawned
        case .spawnFails:
            isSpawnPending = false
            event = .spawnFailed
        case .leaderExitsLast:
            isLeaderAlive = false
            event = .leaderExited(treeIsEmpty: true)
        case .leaderExitsBeforeOthers:
            isLeaderAlive = false
            event = .leaderExited(treeIsEmpty: false)
        case .lastOtherExits:
            hasOthers = false
            event = .treeEmptied
        case .deadlinePasses:
            isDeadlineArmed = false
            event = .deadlinePassed
        case .leaderForks:
            hasOthers = true
            return []
        }
        let actions = machine.handle(event) { _ in .stays }
        return actions.flatMap { perform($0) } + broken(step, before, actions)
    }

    private var isAnythingAlive: Bool { isLeaderAlive || hasOthers }

    private mutating func perform(_ action: ProcessMachine.Action) -> [String] {
        switch action {
        case .spawn:
            let rules = [
                isSpawnPending ? "a second spawn" : nil,
                isAnythingAlive ? "a spawn while something of it lives" : nil,
                machine.want == .down ? "a spawn while it is unwanted" : nil,
            ]
            isSpawnPending = true
            isUnderKill = false
            return rules.compactMap(\.self)
        case .terminate: return isAnythingAlive ? [] : ["a stop signal to nobody"]
        case .kill:
            isUnderKill = true
            return isAnythingAlive ? [] : ["SIGKILL to nobody"]
        case .awaitGrace, .awaitKill:
            defer { isDeadlineArmed = true }
            return isDeadlineArmed ? ["a second deadline"] : []
        case .cancelDeadline:
            defer { isDeadlineArmed = false }
            return isDeadlineArmed ? [] : ["the cancelling of no deadline"]
        case .watchHealth, .ignoreHealth: return []
        case .awaitDependencies, .awaitSchedule, .awaitBackoff, .awaitReady: return ["what nobody wants"]
        }
    }

    /// What must hold between any two events.
    private func broken(_ step: Step, _ before: Environment, _ actions: [ProcessMachine.Action]) -> [String] {
        var rules: [String] = []
        func check(_ rule: String, _ holds: Bool) { if !holds { rules.append(rule) } }
        let isStopping = machine.phase == .terminating || machine.phase == .killing
        check("a deadline is armed exactly while it stops", isDeadlineArmed == isStopping)
        check("a spawn is pending exactly while it starts", isSpawnPending == (machine.phase == .starting))
        check("it runs only with its leader", machine.phase != .running || isLeaderAlive)
        check(
            "something is alive exactly in running and stopping",
            isAnythingAlive == (machine.phase == .running || isStopping))
        check("up and unwanted", machine.phase != .running || machine.want == .up)
        check("ended and wanted", machine.isLive || machine.want == .down || machine.phase == .failed)
        check("isLive is wrong", machine.isLive == (isAnythingAlive || isSpawnPending))
        check("killing without SIGKILL", (machine.phase == .killing) == (isUnderKill && isStopping))
        check("killed before the grace period", !actions.contains(.kill) || step == .deadlinePasses)
        check("the mapping of \(machine.phase)", machine.state == Self.state(of: machine.phase))
        switch step {
        case .stop: check("wanted after a stop", machine.want == .down)
        case .start, .restart: check("unwanted after a start", machine.want == .up && machine.isLive)
        case .spawnFails: check("a failed start is not failed", machine.phase == .failed)
        case .lastOtherExits:
            let isRestarted = before.machine.want == .up
            check("all is gone", machine.phase == (isRestarted ? .starting : .exited))
        default: break
        }
        return rules
    }

    static func state(of phase: ProcessMachine.Phase) -> ProcessState {
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
