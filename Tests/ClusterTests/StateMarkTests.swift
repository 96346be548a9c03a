import Cluster
import Model
import Testing

/// How an old or another state directory is detected, and how instances on hosts are classified.
struct StateMarkTests {
    @Test func `a directory is older if the broker has a higher number of it, and another if the ids differ`() {
        let own = StateMark(id: "a", serial: 5)
        #expect(own.standing(to: nil) == .unknown)
        #expect(own.standing(to: own) == .current)
        // The retained number may be late or forged.
        #expect(own.standing(to: StateMark(id: "a", serial: 0)) == .current)
        #expect(own.standing(to: StateMark(id: "a", serial: 6)) == .older)
        #expect(own.standing(to: StateMark(id: "b", serial: 5)) == .other)
    }

    @Test func `only a generation that has ended is a leftover`() {
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

    @Test func `the list keeps the newest generations`() {
        let most = Limits.rememberedGenerations
        var list = GenerationList((0..<most).map { "g\($0)" })
        list.add("g0")
        #expect(list.contains("g0") && list.all.count == most)
        list.add("new")
        #expect(!list.contains("g0") && list.contains("g1") && list.contains("new") && list.all.count == most)
    }
}
