import Testing

@testable import MQTTTransport

struct ProtocolChoiceTests {
    @Test func `MQTT 5 comes first and stays`() {
        var choice = ProtocolChoice()
        #expect(choice.version == .v5)
        let isStaying = choice.opened()
        #expect(isStaying)
        choice.lost()
        #expect(choice.version == .v5)
    }

    @Test func `a broker that refuses 5 gets 3.1.1 at once, and keeps it`() {
        var choice = ProtocolChoice()
        choice.refused()
        #expect(choice.version == .v311)
        let isStaying = choice.opened()
        #expect(isStaying)
        #expect(choice.version == .v311)
    }

    @Test func `MQTT 5 is kept after one hang-up`() {
        var choice = ProtocolChoice()
        choice.hungUp()
        #expect(choice.version == .v5)
    }

    @Test func `a broker that hangs up on 5 is tried with it once more, then only with 3.1.1`() {
        var choice = ProtocolChoice()
        choice.hungUp()
        choice.hungUp()
        #expect(choice.version == .v311)
        let isProof = choice.opened()
        #expect(!isProof)
        #expect(choice.version == .v5)
        choice.hungUp()
        #expect(choice.version == .v311)
        let isStaying = choice.opened()
        #expect(isStaying)
    }

    @Test func `a broker that was starting gets 5 in the end`() {
        var choice = ProtocolChoice()
        for _ in 0..<2 { choice.hungUp() }
        let isProof = choice.opened()
        #expect(!isProof)
        #expect(choice.version == .v5)
        let isStaying = choice.opened()
        #expect(isStaying)
        #expect(choice == ProtocolChoice())
    }

    @Test func `both versions are tried again and again`() {
        var choice = ProtocolChoice()
        var tried: [ProtocolChoice.Version] = []
        for _ in 0..<8 {
            tried.append(choice.version)
            choice.hungUp()
        }
        #expect(tried.suffix(4).contains(.v5) && tried.suffix(4).contains(.v311))
    }

    @Test func `3_1_1 is presumed after hang-ups, and certain after a refusal of 5`() {
        var choice = ProtocolChoice()
        for _ in 0..<2 { choice.hungUp() }
        _ = choice.opened()
        choice.hungUp()
        let isStaying = choice.opened()
        #expect(isStaying && choice.isPresumed)
        var told = ProtocolChoice()
        told.refused()
        let isKept = told.opened()
        #expect(isKept && !told.isPresumed)
    }
}
