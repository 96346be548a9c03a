/// The observed state of a node or a VM.
package enum InstanceState: String, Sendable, CaseIterable {
    /// Waits for a free launch slot.
    case queued
    /// Requested, but its agent is not online yet; or, for a VM, its process does not run yet.
    case starting
    case running
    /// Its agent is offline; the host's agent restarts it.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case down
    /// Its host is offline, and the instance itself sends nothing.
    case hostOffline = "host_offline"
    /// The start failed; pm-cluster tries again.
    case failed
    /// Its host does not know it, and pm-cluster can't tell whether it was removed. It is not started until an operator
    /// confirms the state.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case held
    case stopping
}
