/// The status that wait(2) returns for an ended child.
package struct WaitStatus: Equatable, Sendable {
    package let raw: Int32

    package init(raw: Int32) { self.raw = raw }

    /// The exit code, or nil when a signal ended it.
    package var code: Int32? { raw & 0x7F == 0 ? (raw >> 8) & 0xFF : nil }

    /// The signal that ended it, or 0.
    package var signal: Int32 { raw & 0x7F }
}
