/// How much a sender has written into the MQTT 5 user properties of a message, which count as its payload.
package struct UserProperties: Equatable, Sendable {
    /// As they are on the wire (MQTT 5 section 2.2.2.2).
    package private(set) var bytes = 0
    /// Beside those of a ``Requester``.
    private var others = 0

    package init() {}

    /// Notes the next one.
    package mutating func add(_ name: String, _ value: String) {
        let frame = 5
        bytes += frame + name.utf8.count + value.utf8.count
        if name != Requester.userProperty, name != Requester.clientProperty { others += 1 }
    }

    /// Why a message with these is refused. Then those that follow need not be looked at.
    package var excess: Failure? {
        if others > Limits.userProperties {
            return Failure(.malformedRequest, "malformed request: more than \(Limits.userProperties) user properties")
        }
        guard bytes > Limits.payload else { return nil }
        return Failure(.malformedRequest, "malformed request: user properties of more than \(Limits.payload) bytes")
    }
}
