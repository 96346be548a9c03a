/// Identifies an open connection to the broker; a client id does not.
///
/// At a takeover, two connections briefly have the same client id, and the old one ends last.
package struct ConnectionKey: Hashable, Sendable {
    package let value: UInt

    package init(_ value: UInt) { self.value = value }
}
