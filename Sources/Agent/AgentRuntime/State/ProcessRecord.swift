import Model
import Supervision

/// The stored state of a process, from which a later worker or agent adopts it.
struct ProcessRecord: Equatable {
    var spec: ProcessSpec
    var origin = ProcessOrigin.request
    var lifecycle = ProcessLifecycle.Record(phase: .idle, want: .up, decision: nil)
    /// The latest launch.
    var launch = LaunchRecord()
    /// argv of the latest launch, quoted as for a shell.
    var command = ""
    /// Why its start failed, or why it is not restarted any more.
    var failure: Failure?
    var restarts = 0
    /// The number of launches.
    var runs = 0
    /// How the last failed run of a scheduled process ended; nil after a run that succeeded.
    var failedRun: String?
    /// When a scheduled process starts next, in seconds since the epoch; nil while it runs.
    var nextStart: Double?
    var history = RestartHistory()
}
