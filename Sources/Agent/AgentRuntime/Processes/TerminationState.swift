import LinuxSystem

/// What is known of a launch that is coming to its end; most processes are not.
final class TerminationState {
    /// What has to be gone before what follows the end of the leader; what is started after that is not waited for.
    var awaited: Set<ProcessIdentity> = []
    var isAwaitingLatecomers = false
    /// Looks at the tree since SIGKILL, and what became of the signal.
    var killChecks = 0
    var killDelivery = Delivery()
}
