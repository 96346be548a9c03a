/// The `policy` object of an agent's configuration. Nil means that the field is absent; docs/configuration.md says what then
/// holds.
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
    /// Patterns of working directories.
    package var directories: [String]?
    /// Whether a config may say `new_privileges`.
    package var allowsNewPrivileges: Bool?
    /// What a process is bounded to at most, and when its config says nothing.
    package var limits = ResourceLimits()

    package init() {}
}
