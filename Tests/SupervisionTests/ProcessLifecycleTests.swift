import Model
import Supervision
import TestSupport
import Testing

struct ProcessLifecycleTests {
    @Test(arguments: Environment.Traits.allCases) func `no legal sequence of five events breaks a rule`(
        traits: Environment.Traits
    ) {
        var trail: [Environment.Step] = []
        var sequences = 0
        var isBroken = false
        // Longer sequences lead only to states that the next test covers.
        func explore(_ world: Environment, _ depth: Int) {
            sequences += 1
            guard depth > 0 else { return }
            for step in world.legalSteps where !isBroken {
                var next = world
                let broken = next.take(step)
                trail.append(step)
                if !broken.isEmpty {
                    Issue.record("\(broken) after \(trail)")
                    isBroken = true
                }
                explore(next, depth - 1)
                trail.removeLast()
            }
        }
        explore(Environment(traits), 5)
        #expect(sequences > 5_000)
    }

    @Test(arguments: Environment.Traits.allCases) func `no reachable state breaks a rule after any number of events`(
        traits: Environment.Traits
    ) {
        var known: [Environment: [Environment.Step]] = [Environment(traits): []]
        var open = [Environment(traits)]
        while let world = open.popLast() {
            let trail = known[world] ?? []
            for step in world.legalSteps {
                var next = world
                let broken = next.take(step)
                guard broken.isEmpty else {
                    Issue.record("\(broken) after \(trail + [step])")
                    return
                }
                if known[next] == nil {
                    known[next] = trail + [step]
                    open.append(next)
                }
            }
        }
        var phases = Set(ProcessLifecycle.Phase.allCases)
        if !traits.hasDependencies { phases.remove(.waiting) }
        if !traits.showsReadiness { phases.remove(.warming) }
        phases.remove(traits.isPeriodic ? .backoff : .scheduled)
        #expect(Set(known.keys.map(\.lifecycle.phase)) == phases, "all phases are reachable")
    }

    @Test(arguments: Environment.Traits.allCases) func `after a stop the process ends in any case`(
        traits: Environment.Traits
    ) {
        for start in Self.reachable(traits) {
            var world = start
            _ = world.take(.stop)
            // There are no further requests, and SIGKILL ends what is alive.
            guard ends(world, within: 8) else {
                Issue.record("not from \(start)")
                return
            }
        }
    }

    private func ends(_ world: Environment, within depth: Int) -> Bool {
        guard world.lifecycle.isLive else { return [.idle, .exited, .failed].contains(world.lifecycle.phase) }
        guard depth > 0 else { return false }
        let steps = world.legalSteps.filter { !$0.isRequest && !(world.deadline == .kill && $0.end == .notReady) }
        return !steps.isEmpty
            && steps.allSatisfy { step in
                var next = world
                _ = next.take(step)
                return ends(next, within: depth - 1)
            }
    }

    @Test(arguments: Environment.Traits.allCases)
    func `a restart leads to running from every reachable state if the program starts`(traits: Environment.Traits) {
        for start in Self.reachable(traits) {
            var world = start
            _ = world.take(.restart)
            for _ in 0..<8 where world.lifecycle.phase != .running {
                let steps = world.legalSteps.filter { step in
                    ![.start, .stop, .restart, .mainForks, .spawnFails(.staysEnded)].contains(step)
                }
                guard let step = steps.first(where: { $0 == .becomesReady }) ?? steps.first else { break }
                _ = world.take(step)
            }
            guard world.lifecycle.phase == .running else {
                Issue.record("\(world.lifecycle.phase) from \(start)")
                return
            }
        }
    }

    @Test func `every event is handled in every phase, even if it can't happen there`() {
        let events: [ProcessLifecycle.Event] = [
            .start, .stop, .restart, .adopted(.ready, want: .up), .dependenciesReady, .spawned, .spawnFailed, .ready,
            .unhealthy, .mainExited(treeIsEmpty: true), .mainExited(treeIsEmpty: false), .treeEmptied,
            .deadlinePassed,
        ]
        for world in Environment.Traits.allCases.flatMap(Self.reachable) {
            for event in events {
                var lifecycle = world.lifecycle
                let actions = lifecycle.handle(event)
                #expect(actions.count <= 4)
                let isRequest = [.start, .stop, .restart].contains(event)
                let isNew = world.lifecycle.phase == .idle
                if !isRequest, !isNew, !world.lifecycle.isLive {
                    #expect(lifecycle == world.lifecycle && actions.isEmpty)
                }
                if !isNew, case .adopted = event { #expect(lifecycle == world.lifecycle && actions.isEmpty) }
            }
        }
    }

    @Test func `long random sequences break no rule`() {
        var seed = Seed.fresh()
        let replay = "\(seed) swift test --disable-xctest --filter ProcessLifecycleTests"
        for life in 0..<200 {
            guard let traits = Environment.Traits.allCases.randomElement(using: &seed) else { return }
            var world = Environment(traits)
            for number in 0..<300 {
                guard let step = world.legalSteps.randomElement(using: &seed) else { break }
                let broken = world.take(step)
                guard broken.isEmpty else {
                    Issue.record("\(broken), life \(life), event \(number); \(replay)")
                    return
                }
            }
        }
    }

    private static func reachable(_ traits: Environment.Traits) -> Set<Environment> {
        var known: Set = [Environment(traits)]
        var open = [Environment(traits)]
        while let world = open.popLast() {
            for step in world.legalSteps {
                var next = world
                _ = next.take(step)
                if known.insert(next).inserted { open.append(next) }
            }
        }
        return known
    }
}
