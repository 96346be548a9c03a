import Cluster
import Model
import Testing

/// All events in all reachable states of the lifecycle.
struct InstanceLifecycleTests {
    static let failure = Failure(.execFailed, "no such file or directory")

    static let events: [InstanceLifecycle.Event] =
        [
            .admitted, .refused(failure), .started, .startFailed(failure), .nameInUse, .killed, .forgotten, .online,
            .offline, .processStarted, .processAbsent, .processFailed(failure), .cleared, .hostOnline, .hostOffline,
            .hostLost,
            .remove, .reset, .deadlinePassed, .notSaved(failure),
        ] + InstanceLifecycle.Finding.allCases.map { .inspected($0) }

    static var beginnings: [(InstanceLifecycle, [InstanceLifecycle.Action])] {
        var all: [(InstanceLifecycle, [InstanceLifecycle.Action])] = []
        for hasProcess in [false, true] {
            all.append(InstanceLifecycle.create(hasProcess: hasProcess))
            for want in [Want.up, .down] {
                for isCommitted in [false, true] {
                    for hasHost in [false, true] {
                        for isMismatched in [false, true] {
                            all.append(
                                InstanceLifecycle.recover(
                                    want: want, isCommitted: isCommitted, hasHost: hasHost, hasProcess: hasProcess,
                                    isMismatched: isMismatched))
                        }
                    }
                }
            }
        }
        return all
    }

    /// Visits each reachable lifecycle with each event.
    ///
    /// - Returns: all reachable lifecycles.
    private static func explore(
        _ visit: (InstanceLifecycle, InstanceLifecycle.Event, InstanceLifecycle, [InstanceLifecycle.Action]) -> Void
    ) -> Set<InstanceLifecycle> {
        var seen = Set(beginnings.map(\.0))
        var next = Array(seen)
        while let lifecycle = next.popLast() {
            for event in events {
                var after = lifecycle
                let actions = after.handle(event)
                visit(lifecycle, event, after, actions)
                if seen.insert(after).inserted { next.append(after) }
            }
            var doubtful = lifecycle
            doubtful.beginMismatch()
            var confirmed = lifecycle
            _ = confirmed.confirm()
            for other in [doubtful, confirmed] where seen.insert(other).inserted { next.append(other) }
        }
        return seen
    }

    @Test func `every phase is reached, and the number of states is small`() {
        let lifecycles = Self.explore { _, _, _, _ in }
        #expect(Set(lifecycles.map(\.phase)) == Set(InstanceLifecycle.Phase.allCases))
        #expect(lifecycles.count < 1_000)
    }

    @Test func `only a starting instance has a stage`() {
        let lifecycles = Self.explore { _, _, _, _ in }
        for lifecycle in lifecycles {
            #expect((lifecycle.stage != nil) == (lifecycle.state == .starting), "\(lifecycle)")
        }
        #expect(Set(lifecycles.compactMap(\.stage)) == Set(InstanceStage.allCases))
    }

    @Test func `an instance that no host was asked to start is cleared at once`() {
        let (lifecycle, actions) = InstanceLifecycle.recover(
            want: .up, isCommitted: false, hasHost: false, hasProcess: false)
        #expect(lifecycle.phase == .clearing && lifecycle.want == .down && actions.contains(.clear))
    }

    @Test func `an instance that is wanted down is not started`() {
        _ = Self.explore { before, event, after, actions in
            guard after.want == .down else { return }
            let forbidden: [InstanceLifecycle.Action] = [.askStart, .askProcess, .askProcessStart, .askAgain]
            #expect(!actions.contains(where: forbidden.contains), "\(before) \(event)")
            #expect(!after.isLaunching, "\(before) \(event)")
        }
    }

    @Test func `an instance that is wanted down stays so, unless its host runs a newer generation`() {
        _ = Self.explore { before, event, after, _ in
            if event == .inspected(.newer), before.phase == .inspecting { return }
            if before.want == .down { #expect(after.want == .down, "\(before) \(event)") }
        }
    }

    @Test func `a committed instance is undone only by a removal or the loss of its host`() {
        _ = Self.explore { before, event, after, _ in
            guard before.isCommitted, before.want == .up else { return }
            #expect(after.isCommitted)
            if after.want == .down { #expect([.remove, .hostLost].contains(event), "\(before) \(event)") }
        }
    }

    @Test func `a creation is answered once, and with success only after the instance is saved`() {
        _ = Self.explore { before, event, after, actions in
            let answers = actions.filter { if case .answerCreate = $0 { true } else { false } }
            #expect(answers.count <= 1)
            // While the instance is being created, its request is not answered yet.
            let wasOpen = !before.isCommitted && before.want == .up
            let isOpen = !after.isCommitted && after.want == .up
            #expect(answers.isEmpty == !(wasOpen && !isOpen), "\(before) \(event) \(actions)")
            if event == .inspected(.newer) { #expect(!actions.contains(.answerCreate(nil))) }
            guard let index = actions.firstIndex(of: .answerCreate(nil)) else { return }
            #expect(after.phase == .running && after.isCommitted)
            #expect(actions[..<index].contains(.save), "\(before) \(event)")
        }
    }

    @Test func `a host is asked to start only a saved instance`() {
        _ = Self.explore { before, event, _, actions in
            guard let index = actions.firstIndex(of: .askStart) else { return }
            #expect(actions[..<index].contains(.save), "\(before) \(event)")
        }
    }

    @Test func `a process is started only after the instance's agent has answered that it is unknown`() {
        _ = Self.explore { before, event, after, actions in
            let isStarted = actions.contains(.askProcessStart)
            #expect(isStarted == (before.phase == .starting && event == .processAbsent), "\(before) \(event)")
            if after.phase == .starting, before.phase != .starting { #expect(actions.contains(.askProcess)) }
        }
    }

    @Test func `a removal is saved before the host is asked`() {
        _ = Self.explore { before, event, after, actions in
            guard before.isCommitted, before.want == .up, after.want == .down else { return }
            let save = actions.firstIndex(of: .save)
            let ask = actions.firstIndex { [.askInspect, .askKill, .clear].contains($0) }
            #expect(save != nil && ask != nil && save! < ask!, "\(before) \(event) \(actions)")
        }
    }

    @Test func `each phase that waits for something has a deadline`() {
        var awaited: Set<InstanceLifecycle> = []
        for (lifecycle, actions) in Self.beginnings {
            #expect(actions.contains { if case .await = $0 { true } else { false } }, "\(lifecycle)")
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

    @Test func `a foreign process is neither stopped nor cleared`() {
        for (lifecycle, _) in Self.beginnings {
            var lifecycle = lifecycle
            guard lifecycle.phase == .inspecting else { continue }
            let actions = lifecycle.handle(.inspected(.foreign))
            #expect(!actions.contains { [.askKill, .askForget, .clear].contains($0) })
        }
    }

    /// The reaction of an instance from a possibly old file to the answer of its host.
    private static func doubtful(
        _ want: Want, isCommitted: Bool, _ finding: InstanceLifecycle.Finding
    ) -> (InstanceLifecycle, [InstanceLifecycle.Action]) {
        var (lifecycle, _) = InstanceLifecycle.recover(
            want: want, isCommitted: isCommitted, hasHost: true, hasProcess: false, isMismatched: true)
        let actions = lifecycle.handle(.inspected(finding))
        return (lifecycle, actions)
    }

    @Test(arguments: [true, false]) func `an instance in an old file is not started or undone`(isCommitted: Bool) {
        for finding in [InstanceLifecycle.Finding.absent, .ended] {
            let (lifecycle, actions) = Self.doubtful(.up, isCommitted: isCommitted, finding)
            #expect(!actions.contains(.queue))
            // An uncommitted instance that its host does not run was never started, or is gone.
            #expect(isCommitted ? lifecycle.phase == .held : lifecycle.want == .down)
        }
        let (lifecycle, actions) = Self.doubtful(.up, isCommitted: isCommitted, .present)
        #expect(lifecycle.phase == .booting && lifecycle.want == .up && lifecycle.isCommitted)
        #expect(!actions.contains(.askKill) && actions.contains(.save))
    }

    @Test func `an instance that is newer than its old file is adopted and not ended`() {
        for want in [Want.up, .down] {
            for isCommitted in [true, false] {
                let (lifecycle, actions) = Self.doubtful(want, isCommitted: isCommitted, .newer)
                #expect(lifecycle.phase == .booting && lifecycle.want == .up && lifecycle.isCommitted)
                let adoption = actions.firstIndex(of: .adopt)
                let save = actions.firstIndex(of: .save)
                #expect(adoption != nil && save != nil && adoption! < save!)
            }
        }
        _ = Self.explore { before, event, after, actions in
            guard event == .inspected(.newer) else { return }
            #expect(!actions.contains { [.askKill, .askForget, .clear].contains($0) }, "\(before)")
            if before.phase != .killing { #expect(after.phase != .killing) }
        }
    }

    @Test func `a held instance waits until it is confirmed, reset, removed, or reported by its host`() {
        var reached = false
        _ = Self.explore { before, event, after, actions in
            guard before.phase == .held else { return }
            reached = true
            #expect(before.isMismatched && before.want == .up && before.isCommitted)
            switch event {
            case .reset, .remove, .hostLost: #expect(after.phase != .held)
            case .inspected(.present), .inspected(.newer), .inspected(.outdated), .inspected(.foreign):
                #expect(after.phase != .held && after.phase != .queued)
            default: #expect(after == before, "\(event)")
            }
            var confirmed = before
            #expect(confirmed.confirm().contains(.askInspect) && confirmed.phase == .inspecting)
            #expect(confirmed.handle(.inspected(.absent)).contains(.queue))
        }
        #expect(reached)
    }

    @Test func `an instance is gone only after its topics are cleared, and its file is removed last`() {
        _ = Self.explore { before, event, after, actions in
            guard after.phase == .gone, before.phase != .gone else { return }
            #expect(before.phase == .clearing && event == .cleared)
            #expect(actions.contains(.drop) && actions.last == .answerRemove(nil))
        }
    }
}
