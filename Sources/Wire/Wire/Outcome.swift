package import Model

/// The result of a command.
package enum Outcome: Equatable, Sendable {
    /// No pid for a process that waits for its dependencies or its schedule.
    case started(Name, pid: Int32?)
    /// The process is up already, or about to be.
    case unchanged(Name, pid: Int32?)
    /// The process is already up and now follows changed rules.
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
    /// The topics on which lines are published, for how many seconds unless the request is repeated, and earlier lines.
    case following([Topic], seconds: Double, LogExcerpt? = nil)
    case unfollowed
    case applied(ApplyResult)
    case shuttingDown
    case failed(Failure)
}
