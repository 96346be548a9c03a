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

    @Test func `one hang-up is no proof`() {
        var choice = ProtocolChoice()
        choice.hungUp()
        #expect(choice.version == .v5)
    }

    @Test func `a broker that only hangs up on 5 is tried once more with it, then left in peace`() {
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

    @Test func `a broker that was only not up yet gets 5 in the end`() {
        var choice = ProtocolChoice()
        for _ in 0..<2 { choice.hungUp() }
        let isProof = choice.opened()
        #expect(!isProof)
        #expect(choice.version == .v5)
        let isStaying = choice.opened()
        #expect(isStaying)
        #expect(choice == ProtocolChoice())
    }

    @Test func `whatever happens, both versions are tried again`() {
        var choice = ProtocolChoice()
        var tried: [ProtocolChoice.Version] = []
        for _ in 0..<8 {
            tried.append(choice.version)
            choice.hungUp()
        }
        #expect(tried.suffix(4).contains(.v5) && tried.suffix(4).contains(.v311))
    }
}
