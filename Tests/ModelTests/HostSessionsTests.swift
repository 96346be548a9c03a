import Model
import Testing

/// When two agents have one name.
struct HostSessionsTests {
    @Test func `a restarted agent is no conflict`() {
        var sessions = HostSessions()
        for number in 1...3 { sessions.heard("a", sequence: Double(number), at: Double(number)) }
        for number in 1...3 { sessions.heard("b", sequence: Double(number), at: Double(10 + number)) }
        #expect(!sessions.isInConflict)
    }

    @Test func `a late message of the earlier session is no conflict`() {
        var sessions = HostSessions()
        sessions.heard("a", sequence: 7, at: 1)
        sessions.heard("b", sequence: 1, at: 2)
        sessions.heard("a", sequence: 7, at: 3)
        sessions.heard("a", sequence: 6, at: 3)
        #expect(!sessions.isInConflict)
    }

    @Test func `two agents that go on both are a conflict, until one has been alone for ten minutes`() {
        for survivor in ["a", "b"] {
            var sessions = HostSessions()
            sessions.heard("a", sequence: 1, at: 0)
            sessions.heard("b", sequence: 1, at: 1)
            sessions.heard("a", sequence: 2, at: 10)
            #expect(sessions.isInConflict)
            var time = 11.0
            while time < 609 {
                sessions.heard(survivor, sequence: time, at: time)
                #expect(sessions.isInConflict || time > 600, "\(survivor) \(time)")
                time += 10
            }
            sessions.heard(survivor, sequence: 1_000, at: 620)
            #expect(!sessions.isInConflict, "\(survivor)")
        }
    }

    @Test func `an agent sees another one of its name when that goes on`() {
        var sessions = HostSessions(own: "me")
        sessions.heard("leftover", sequence: 9, at: 0)
        sessions.heard("me", sequence: 1, at: 1)
        sessions.heard("other", sequence: 5, at: 2)
        #expect(!sessions.isInConflict)
        sessions.heard("other", sequence: 6, at: 12)
        #expect(sessions.isInConflict)
        sessions.look(at: 611)
        #expect(sessions.isInConflict)
        sessions.look(at: 612)
        #expect(!sessions.isInConflict)
    }

    @Test func `many sessions take no more memory than a few`() {
        var sessions = HostSessions()
        for number in 0..<1_000 { sessions.heard("\(number)", sequence: 1, at: 0) }
        sessions.heard("0", sequence: 2, at: 1)
        #expect(!sessions.isInConflict)
        sessions.heard("998", sequence: 2, at: 1)
        #expect(sessions.isInConflict)
    }
}
