import Model
import Testing

@testable import ClusterRuntime

/// The order of starts, and how many run at once.
struct LaunchTurnsTests {
    private let turns = LaunchTurns(limit: 2)
    private let names: [HostName]

    init() throws {
        names = try ["a", "b", "c"].map { try #require(HostName($0)) }
        for name in names { turns.add(name) }
    }

    @Test func `instances are started in order, up to the limit`() {
        var started: [HostName] = []
        turns.take(active: { started.count }) { id in
            started.append(id)
            return true
        }
        #expect(started == Array(names.prefix(2)) && turns.count == 1)
        turns.change(limit: 3)
        turns.take(active: { started.count }) { id in
            started.append(id)
            return true
        }
        #expect(started == names && turns.count == 0)
    }

    @Test func `an instance that has to wait keeps its place, and holds up no other`() {
        var asked: [HostName] = []
        turns.take(active: { 0 }) { id in
            asked.append(id)
            return id == names[1]
        }
        #expect(asked == names)
        asked = []
        turns.take(active: { 0 }) { id in
            asked.append(id)
            return true
        }
        #expect(asked == [names[0], names[2]])
    }

    @Test func `a start that ends at once does not begin another round`() {
        var depth = 0
        turns.take(active: { 0 }) { _ in
            depth += 1
            turns.take(active: { 0 }) { _ in
                Issue.record("nested")
                return true
            }
            return true
        }
        #expect(depth == 3)
    }

    @Test func `an instance that was removed gets no turn`() {
        turns.remove(names[0])
        turns.add(names[1])
        var started: [HostName] = []
        turns.take(active: { 0 }) { id in
            started.append(id)
            return true
        }
        #expect(started == [names[1], names[2]])
    }
}
