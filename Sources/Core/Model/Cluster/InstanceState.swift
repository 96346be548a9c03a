/// What is observed of a node or a VM.
package enum InstanceState: String, Sendable, CaseIterable {
    /// Waits for its turn.
    case queued
    /// Asked for, and its agent has not said `online` yet; or, of a VM, its process does not run yet.
    case starting
    case running
    /// Its agent is gone; the host brings it back.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case down
    /// Its host is away, and nothing is heard of itself.
    case hostOffline = "host_offline"
    /// Could not be brought up; it is tried again.
    case failed
    /// Its host does not know it, and it is not clear whether it was removed; not started until somebody confirms it.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case held
    case stopping
}
