/// A connection to the broker: whatever tells it from every other one that is open, which its client id does not.
///
/// At a takeover two connections have the same client id for a moment, and the old one's end comes last.
package struct ConnectionKey: Hashable, Sendable {
    private let value: UInt

    package init(_ value: UInt) { self.value = value }
}
