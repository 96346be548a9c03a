/// Whether a field of a config's `limits` has an effect on this machine, and by which means of the kernel.
package struct LimitReport: Equatable, Sendable {
    /// The field, as `memory`.
    package var name: String
    /// `cgroup` or `rlimit`; nil when it has no effect here.
    package var mechanism: String?
    /// Why it has none.
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
