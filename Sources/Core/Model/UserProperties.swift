/// Counts the MQTT 5 user properties of a message. They are bounded like its payload.
package struct UserProperties: Equatable, Sendable {
    /// Their size as encoded (MQTT 5 section 2.2.2.2).
    package private(set) var bytes = 0
    /// Number of properties other than those of a ``Requester``.
    private var others = 0

    package init() {}

    /// Counts one property.
    package mutating func add(_ name: String, _ value: String) {
        let frame = 5
        bytes += frame + name.utf8.count + value.utf8.count
        if name != Requester.userProperty, name != Requester.clientProperty { others += 1 }
    }

    /// Why a message with these properties is refused. Once it is set, further properties need not be counted.
    package var excess: Failure? {
        if others > Limits.userProperties {
            return Failure(.malformedRequest, "malformed request: more than \(Limits.userProperties) user properties")
        }
        guard bytes > Limits.payload else { return nil }
        return Failure(.malformedRequest, "malformed request: user properties of more than \(Limits.payload) bytes")
    }
}
