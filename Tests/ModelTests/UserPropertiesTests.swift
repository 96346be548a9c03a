import Model
import Testing

struct UserPropertiesTests {
    private static func make(_ count: Int, _ name: String, _ value: String = "") -> UserProperties {
        var properties = UserProperties()
        for _ in 0..<count { properties.add(name, value) }
        return properties
    }

    @Test func `64 are accepted, not counting those that name the requester`() {
        #expect(Self.make(Limits.userProperties, "x").excess == nil)
        #expect(Self.make(Limits.userProperties + 1, "x").excess?.code == .malformedRequest)
        #expect(Self.make(1_000, Requester.userProperty).excess == nil)
        #expect(Self.make(1_000, Requester.clientProperty).excess == nil)
        #expect(Self.make(65, "pm-user ").excess != nil && Self.make(65, "PM-USER").excess != nil)
    }

    @Test func `their encoded size may be that of a request`() {
        #expect(Self.make(2, "ab", "ä").bytes == 2 * (5 + 2 + 2))
        let frame = 5 + 1
        #expect(Self.make(1, "x", String(repeating: "y", count: Limits.payload - frame)).excess == nil)
        #expect(Self.make(1, "x", String(repeating: "y", count: Limits.payload - frame + 1)).excess != nil)
        #expect(Self.make(Limits.payload / 12 + 1, Requester.userProperty).excess != nil)
    }
}
