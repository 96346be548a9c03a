/// What a machine's own configuration says of what may be run on it (`policy`). Nil is not said: see docs/security.md for what
/// holds then.
package struct PolicyRules: Equatable, Sendable {
    /// Patterns of programs' paths.
    package var allow: [String]?
    package var drivers: [String]?
    /// Names or numbers of whom processes may run as, beside who is meant when none is named.
    package var users: [String]?
    package var groups: [String]?
    /// Patterns of the variables that a request may set.
    package var environment: [String]?
    /// Patterns of the files whose text a request may have put into a variable.
    package var environmentFiles: [String]?
    /// What a process is bounded to at most, and when its config says nothing.
    package var limits = ResourceLimits()

    package init() {}
}
