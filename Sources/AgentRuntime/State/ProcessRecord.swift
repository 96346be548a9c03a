import Model
import Supervision

/// What an agent must know of a process to supervise it again after its own death.
struct ProcessRecord: Equatable {
    var spec: ProcessSpec
    var origin = ProcessOrigin.request
    var machine = ProcessMachine.Record(phase: .idle, want: .up, verdict: nil)
    /// The latest one.
    var launch = LaunchRecord()
    /// argv as it was launched, quoted.
    var command = ""
    /// Why its start failed, or it was given up.
    var failure: Failure?
    var restarts = 0
    var history = RestartHistory()
}

/// Who asked for a process: what `processes.d` no longer holds is removed, what was requested stays.
enum ProcessOrigin: String, Equatable {
    case request, directory
}
