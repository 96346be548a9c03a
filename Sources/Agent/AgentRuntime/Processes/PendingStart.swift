/// A start whose spec is still judged.
final class PendingStart {
    /// Whether it was stopped before it was a process.
    var isStopped = false
}
