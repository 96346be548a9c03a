package import Model

/// What came of a command.
package enum Outcome: Equatable, Sendable {
    /// One that waits for its time has no pid.
    case started(Name, pid: Int32?)
    /// It is up already, and goes by other rules from now on.
    case updated(Name, pid: Int32?)
    case stopped
    case reset(Name, pid: Int32?)
    case running
    case ended(ExitStatus)
    case pids([Int32])
    case health(Health)
    case processes([ProcessEntry])
    case process(ProcessEntry, ProcessSpec)
    case signaled
    case removed
    case log(LogExcerpt)
    /// The topics on which lines come now, and for how many seconds unless somebody renews it.
    case following([Topic], seconds: Double, LogExcerpt? = nil)
    case unfollowed
    case applied(ApplyResult)
    case shuttingDown
    case failed(Failure)
}
