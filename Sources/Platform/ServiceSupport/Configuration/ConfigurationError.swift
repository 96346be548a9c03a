/// A configuration that can't be used: one line that says what to change.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
