import LinuxSystem

/// The state of a launch that is being ended. Apart from ``ManagedProcess`` to save memory, because few processes need
/// it.
final class TerminationState {
    /// The remnants to wait for; those that appear later are not in it.
    var awaited: Set<ProcessIdentity> = []
    var isAwaitingLatecomers = false
    /// How many times SIGKILL was sent to the tree, and whether it could be sent.
    var killChecks = 0
    var killDelivery = Delivery()
}
