package import Model

/// What came of a command.
package enum Outcome: Equatable, Sendable {
    case started(Name, pid: Int32)
    case stopped
    case reset(Name, pid: Int32)
    case running
    case ended(ExitStatus)
    case pids([Int32])
    case health(Health)
    case processes([ProcessEntry])
    case failed(Failure)
}
