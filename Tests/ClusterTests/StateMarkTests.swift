import Cluster
import Model
import Testing

/// How an old or lost state directory is told apart, and what of what runs is whose.
struct StateMarkTests {
    @Test func `only a higher number of the same directory makes it old, and another directory's makes it another`() {
        let own = StateMark(id: "a", serial: 5)
        #expect(own.standing(to: nil) == .unknown)
        #expect(own.standing(to: own) == .current)
        // The broker may lag behind, and a stranger may have written it.
        #expect(own.standing(to: StateMark(id: "a", serial: 0)) == .current)
        #expect(own.standing(to: StateMark(id: "a", serial: 6)) == .older)
        #expect(own.standing(to: StateMark(id: "b", serial: 5)) == .other)
    }

    @Test func `a leftover is only what is known to have ended`() {
        for recorded in [nil, "a.1", "a.2"] as [String?] {
            for host in [HostTable.Presence.online, .offline, .unknown] {
                for isEnded in [false, true] {
                    for isManaged in [false, true] {
                        let sighting = FoundInstance(
                            generation: "a.1", isManaged: isManaged, isEnded: isEnded, recorded: recorded,
                            recordedHost: host)
                        let expected: FoundInstance =
                            recorded == "a.1"
                            ? host == .offline ? .moved : .twin
                            : isEnded ? .leftover : isManaged ? .orphan : .foreign
                        #expect(sighting == expected)
                    }
                }
            }
        }
    }

    @Test func `of generations, the newest are remembered`() {
        let most = Limits.rememberedGenerations
        var list = GenerationList((0..<most).map { "g\($0)" })
        list.add("g0")
        #expect(list.contains("g0") && list.all.count == most)
        list.add("new")
        #expect(!list.contains("g0") && list.contains("g1") && list.contains("new") && list.all.count == most)
    }
}
