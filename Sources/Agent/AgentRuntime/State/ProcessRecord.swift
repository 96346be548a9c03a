import Model
import Supervision

/// What an agent must know of a process to supervise it again after its own death.
struct ProcessRecord: Equatable {
    var spec: ProcessSpec
    var origin = ProcessOrigin.request
    var lifecycle = ProcessLifecycle.Record(phase: .idle, want: .up, decision: nil)
    /// The latest one.
    var launch = LaunchRecord()
    /// argv as it was launched, quoted.
    var command = ""
    /// Why its start failed, or it was given up.
    var failure: Failure?
    var restarts = 0
    /// How often it was executed.
    var runs = 0
    /// How the latest run of a periodic one failed, until one succeeds.
    var failedRun: String?
    /// Seconds since the epoch, while a periodic one waits for it.
    var nextStart: Double?
    var history = RestartHistory()
}

/// Who asked for a process: what `processes.d` no longer holds is removed, what was requested stays.
enum ProcessOrigin: String, Equatable {
    case request, directory
}
