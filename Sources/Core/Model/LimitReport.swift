/// Whether a field of a config's `limits` takes effect on this host, and by which kernel mechanism.
package struct LimitReport: Equatable, Sendable {
    /// Name of the field, such as `memory`.
    package var name: String
    /// `cgroup` or `rlimit`; nil when the limit has no effect on this host.
    package var mechanism: String?
    /// Why it has no effect.
    package var reason: String?

    package init(name: String, mechanism: String) {
        self.name = name
        self.mechanism = mechanism
    }

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}
