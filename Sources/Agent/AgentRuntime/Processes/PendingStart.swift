/// A start request during the check of its spec against the policy.
final class PendingStart {
    /// Whether a stop request came before there was a process.
    var isStopped = false
}
