/// The `policy` object of an agent's configuration. Nil means that the field is absent; see docs/configuration.md for
/// the effect of that.
package struct PolicyRules: Equatable, Sendable {
    /// Patterns of program paths.
    package var allow: [String]?
    package var drivers: [String]?
    /// Names or numbers of users that processes may run as, in addition to the default user.
    package var users: [String]?
    package var groups: [String]?
    /// Patterns of variable names that a request may set.
    package var environment: [String]?
    /// Patterns of files that a request may use as the value of a variable.
    package var environmentFiles: [String]?
    /// Patterns of working directories.
    package var directories: [String]?
    /// Whether a config may set `new_privileges`.
    package var allowsNewPrivileges: Bool?
    /// Upper bounds of a process's limits, which also apply when its config sets none.
    package var limits = ResourceLimits()

    package init() {}
}
