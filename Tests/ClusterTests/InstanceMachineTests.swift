import Cluster
import Model
import Testing

/// Everything that can happen to a node or a VM, in every order.
struct InstanceMachineTests {
    static let failure = Failure(.execFailed, "no such file or directory")

    static let events: [InstanceMachine.Event] =
        [
            .admitted, .refused(failure), .started, .startFailed(failure), .nameInUse, .killed, .forgotten, .online,
            .offline, .processStarted, .processAbsent, .processFailed(failure), .cleared, .hostOnline, .hostOffline,
            .hostLost,
            .remove, .reset, .deadlinePassed, .notSaved(failure),
        ] + InstanceMachine.Finding.allCases.map { .inspected($0) }

    static var beginnings: [(InstanceMachine, [InstanceMachine.Action])] {
        var all: [(InstanceMachine, [InstanceMachine.Action])] = []
        for hasProcess in [false, true] {
            all.append(InstanceMachine.create(hasProcess: hasProcess))
            for want in [Want.up, .down] {
                for isCommitted in [false, true] {
                    for hasHost in [false, true] {
                        all.append(
                            InstanceMachine.recover(
                                want: want, isCommitted: isCommitted, hasHost: hasHost, hasProcess: hasProcess))
                    }
                }
            }
        }
        return all
    }

    /// Every machine that there can be, with all that can happen to it.
    private static func explore(
        _ visit: (InstanceMachine, InstanceMachine.Event, InstanceMachine, [InstanceMachine.Action]) -> Void
    ) -> Set<InstanceMachine> {
        var seen = Set(beginnings.map(\.0))
        var next = Array(seen)
        while let machine = next.popLast() {
            for event in events {
                var after = machine
                let actions = after.handle(event)
                visit(machine, event, after, actions)
                if seen.insert(after).inserted { next.append(after) }
            }
        }
        return seen
    }

    @Test func `every phase is reached, and there are no more machines than can be looked through`() {
        let machines = Self.explore { _, _, _, _ in }
        #expect(Set(machines.map(\.phase)) == Set(InstanceMachine.Phase.allCases))
        #expect(machines.count < 500)
    }

    @Test func `exactly what is being brought up has a stage`() {
        let machines = Self.explore { _, _, _, _ in }
        for machine in machines { #expect((machine.stage != nil) == (machine.state == .starting), "\(machine)") }
        #expect(Set(machines.compactMap(\.stage)) == Set(InstanceStage.allCases))
    }

    @Test func `one that no host was asked for yet is cleared at once`() {
        let (machine, actions) = InstanceMachine.recover(
            want: .up, isCommitted: false, hasHost: false, hasProcess: false)
        #expect(machine.phase == .clearing && machine.want == .down && actions.contains(.clear))
    }

    @Test func `nothing is brought up that is wanted down`() {
        _ = Self.explore { before, event, after, actions in
            guard after.want == .down else { return }
            let forbidden: [InstanceMachine.Action] = [.askStart, .askProcess, .askProcessStart, .askAgain]
            #expect(!actions.contains(where: forbidden.contains), "\(before) \(event)")
            #expect(!after.isLaunching, "\(before) \(event)")
        }
    }

    @Test func `what is wanted down stays so`() {
        _ = Self.explore { before, event, after, _ in
            if before.want == .down { #expect(after.want == .down, "\(before) \(event)") }
        }
    }

    @Test func `what somebody has been told of is not undone but by a removal or the loss of its host`() {
        _ = Self.explore { before, event, after, _ in
            guard before.isCommitted, before.want == .up else { return }
            #expect(after.isCommitted)
            if after.want == .down { #expect([.remove, .hostLost].contains(event), "\(before) \(event)") }
        }
    }

    @Test func `whoever asked for it is answered once, and told success when it is written down`() {
        _ = Self.explore { before, event, after, actions in
            let answers = actions.filter { if case .answerCreate = $0 { true } else { false } }
            #expect(answers.count <= 1)
            // As long as it is on its way, nobody has been told anything yet.
            let wasOpen = !before.isCommitted && before.want == .up
            let isOpen = !after.isCommitted && after.want == .up
            #expect(answers.isEmpty == !(wasOpen && !isOpen), "\(before) \(event) \(actions)")
            guard let index = actions.firstIndex(of: .answerCreate(nil)) else { return }
            #expect(after.phase == .running && after.isCommitted)
            #expect(actions[..<index].contains(.save), "\(before) \(event)")
        }
    }

    @Test func `a host is asked to start only what is written down`() {
        _ = Self.explore { before, event, _, actions in
            guard let index = actions.firstIndex(of: .askStart) else { return }
            #expect(actions[..<index].contains(.save), "\(before) \(event)")
        }
    }

    @Test func `a process is started only when the agent inside has said that it knows nothing of it`() {
        _ = Self.explore { before, event, after, actions in
            let isStarted = actions.contains(.askProcessStart)
            #expect(isStarted == (before.phase == .starting && event == .processAbsent), "\(before) \(event)")
            if after.phase == .starting, before.phase != .starting { #expect(actions.contains(.askProcess)) }
        }
    }

    @Test func `a removal is written down before the host is asked`() {
        _ = Self.explore { before, event, after, actions in
            guard before.isCommitted, before.want == .up, after.want == .down else { return }
            let save = actions.firstIndex(of: .save)
            let ask = actions.firstIndex { [.askInspect, .askKill, .clear].contains($0) }
            #expect(save != nil && ask != nil && save! < ask!, "\(before) \(event) \(actions)")
        }
    }

    @Test func `where anything is still to happen, a deadline sees to it`() {
        var awaited: Set<InstanceMachine> = []
        for (machine, actions) in Self.beginnings {
            #expect(actions.contains { if case .await = $0 { true } else { false } }, "\(machine)")
        }
        _ = Self.explore { before, event, after, actions in
            let isArmed = actions.contains { if case .await = $0 { true } else { false } }
            if after.phase == before.phase, event != .deadlinePassed { return }
            switch after.phase {
            case .running, .gone: #expect(!isArmed, "\(before) \(event)")
            default:
                #expect(isArmed, "\(before) \(event) \(actions)")
                awaited.insert(after)
            }
        }
        #expect(!awaited.isEmpty)
    }

    @Test func `what is not ours is neither stopped nor cleared`() {
        for (machine, _) in Self.beginnings {
            var machine = machine
            guard machine.phase == .inspecting else { continue }
            let actions = machine.handle(.inspected(.foreign))
            #expect(!actions.contains { [.askKill, .askForget, .clear].contains($0) })
        }
    }

    @Test func `it is gone only when all it left is cleared, and its file goes last`() {
        _ = Self.explore { before, event, after, actions in
            guard after.phase == .gone, before.phase != .gone else { return }
            #expect(before.phase == .clearing && event == .cleared)
            #expect(actions.contains(.drop) && actions.last == .answerRemove(nil))
        }
    }
}
