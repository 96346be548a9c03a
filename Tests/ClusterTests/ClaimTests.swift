import Cluster
import TestSupport
import Testing

/// Several managers on one broker: in the end exactly one of those that are left acts.
struct ClaimTests {
    @Test func `alone, it acts at once`() {
        var claim = Claim(name: "a")
        #expect(claim.handle(.ready(isTaken: false), at: 1) == [.speak, .act])
        #expect(claim.state == .acting)
    }

    @Test func `where one has said that it is online, it waits for an objection`() {
        var claim = Claim(name: "a")
        #expect(claim.handle(.ready(isTaken: true), at: 1) == [.speak, .wait])
        // The other one was a ghost.
        #expect(claim.handle(.patienceOver, at: 3) == [.speak, .act])
        var second = Claim(name: "b")
        _ = second.handle(.ready(isTaken: true), at: 4)
        #expect(claim.handle(.heard(second.word), at: 4) == [.speak])
        #expect(second.handle(.heard(claim.word), at: 4) == [.yield(to: "a")])
        #expect(second.handle(.patienceOver, at: 6) == [])
    }

    @Test func `who was cut off for a while gives way to who has begun meanwhile`() {
        var claim = Claim(name: "a")
        _ = claim.handle(.ready(isTaken: false), at: 1)
        _ = claim.handle(.disconnected, at: 2)
        #expect(claim.state == .waiting)
        #expect(claim.handle(.ready(isTaken: true), at: 9) == [.speak, .wait])
        #expect(claim.handle(.heard(.init(name: "b", actingSince: 5)), at: 9) == [.yield(to: "b")])
    }

    /// Words arrive in any order, and some twice.
    @Test func `whatever the order, one stays and the others end`() {
        var seed = Seed.fresh()
        var life = seed
        for _ in 0..<5_000 {
            if let broken = Self.live(life) {
                Issue.record("\(broken)\n\(life) swift test --disable-xctest --filter ClaimTests")
                return
            }
            life = Seed(seed.next())
        }
    }

    private static func live(_ seed: Seed) -> String? {
        var seed = seed
        var claims = (0..<Int.random(in: 2...4, using: &seed)).map { Claim(name: "c\($0)") }
        var started: Set<Int> = []
        var inboxes: [[Claim.Word]] = claims.map { _ in [] }
        var waiting: Set<Int> = []
        var now = 0.0
        func perform(_ index: Int, _ actions: [Claim.Action]) {
            for action in actions {
                switch action {
                case .speak:
                    for other in claims.indices where other != index && started.contains(other) {
                        inboxes[other].append(claims[index].word)
                    }
                case .wait: waiting.insert(index)
                case .act, .yield: break
                }
            }
        }
        for _ in 0..<60 {
            now += [0, 0, 0.001, 1].randomElement(using: &seed) ?? 0
            let index = Int.random(in: claims.indices, using: &seed)
            if started.insert(index).inserted {
                let isTaken = claims.contains { $0.state == .acting } && Bool.random(using: &seed)
                perform(index, claims[index].handle(.ready(isTaken: isTaken), at: now))
            } else if !inboxes[index].isEmpty {
                let word = inboxes[index].remove(at: Int.random(in: inboxes[index].indices, using: &seed))
                if Int.random(in: 0..<5, using: &seed) == 0 { inboxes[index].append(word) }
                perform(index, claims[index].handle(.heard(word), at: now))
            } else if waiting.remove(index) != nil {
                perform(index, claims[index].handle(.patienceOver, at: now))
            }
        }
        // Then everything arrives.
        for _ in 0..<100 {
            for index in claims.indices {
                while !inboxes[index].isEmpty {
                    perform(index, claims[index].handle(.heard(inboxes[index].removeFirst()), at: now))
                }
                if waiting.remove(index) != nil { perform(index, claims[index].handle(.patienceOver, at: now)) }
            }
        }
        let acting = started.filter { claims[$0].state == .acting }
        return acting.count == 1 ? nil : "\(acting.count) act: \(claims)"
    }
}
