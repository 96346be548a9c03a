import Model
import Supervision
import TestSupport
import Testing

struct ProcessMachineTests {
    @Test func `no legal sequence of nine events breaks a rule`() {
        var trail: [Environment.Step] = []
        var sequences = 0
        // Longer ones only lead to worlds that the next test knows.
        func explore(_ world: Environment, _ depth: Int) {
            sequences += 1
            guard depth > 0 else { return }
            for step in world.legalSteps {
                var next = world
                let broken = next.take(step)
                trail.append(step)
                if !broken.isEmpty { Issue.record("\(broken) after \(trail)") }
                explore(next, depth - 1)
                trail.removeLast()
            }
        }
        explore(Environment(), 9)
        #expect(sequences > 500_000)
    }

    @Test func `no reachable world breaks a rule, however long the way`() {
        var known: [Environment: [Environment.Step]] = [Environment(): []]
        var open = [Environment()]
        while let world = open.popLast() {
            let trail = known[world] ?? []
            for step in world.legalSteps {
                var next = world
                let broken = next.take(step)
                if !broken.isEmpty { Issue.record("\(broken) after \(trail + [step])") }
                if known[next] == nil {
                    known[next] = trail + [step]
                    open.append(next)
                }
            }
        }
        let phases = Set(known.keys.map(\.machine.phase))
        #expect(phases == [.idle, .starting, .running, .terminating, .killing, .exited, .failed])
    }

    @Test func `a stop ends in exited or failed from every reachable world`() {
        for start in Self.reachable {
            var world = start
            _ = world.take(.stop)
            // Nobody asks for anything any more; what is alive obeys at the latest to SIGKILL.
            for _ in 0..<8 {
                guard let step = world.legalSteps.first(where: Self.isObservation) else { break }
                _ = world.take(step)
            }
            #expect(!world.machine.isLive, "from \(start)")
            #expect([.exited, .failed, .idle].contains(world.machine.phase), "from \(start)")
        }
    }

    @Test func `a restart ends in running from every reachable world when the program starts`() {
        for start in Self.reachable {
            var world = start
            _ = world.take(.restart)
            for _ in 0..<8 where world.machine.phase != .running {
                let steps = world.legalSteps.filter { Self.isObservation($0) && $0 != .spawnFails }
                guard let step = steps.first else { break }
                _ = world.take(step)
            }
            #expect(world.machine.phase == .running, "from \(start)")
        }
    }

    @Test func `every event in every phase has an outcome, legal or not`() {
        let events: [ProcessMachine.Event] = [
            .start, .stop, .restart, .spawned, .spawnFailed, .leaderExited(treeIsEmpty: true),
            .leaderExited(treeIsEmpty: false), .treeEmptied, .deadlinePassed,
        ]
        for world in Self.reachable {
            for event in events {
                var machine = world.machine
                let actions = machine.handle(event) { _ in .stays }
                #expect(actions.count <= 3)
                let isRequest = [.start, .stop, .restart].contains(event)
                if !isRequest, world.machine.isLive == false { #expect(machine == world.machine && actions.isEmpty) }
            }
        }
    }

    @Test func `long random lives keep the rules`() {
        var seed = Seed.fresh()
        let name = seed.description
        for life in 0..<200 {
            var world = Environment()
            for number in 0..<1_000 {
                guard let step = world.legalSteps.randomElement(using: &seed) else { break }
                let broken = world.take(step)
                guard broken.isEmpty else {
                    Issue.record("\(broken), life \(life), event \(number), \(name)")
                    return
                }
            }
        }
    }

    private static func isObservation(_ step: Environment.Step) -> Bool {
        ![.start, .stop, .restart, .leaderForks].contains(step)
    }

    private static var reachable: Set<Environment> {
        var known: Set = [Environment()]
        var open = [Environment()]
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
