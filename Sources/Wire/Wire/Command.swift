package import Model

/// A decoded request to an agent, independent of the dialect.
package enum Command: Equatable, Sendable {
    case start(ProcessSpec)
    /// Starts a known process that is not up, with the config it had.
    case startAgain(ProcessReference)
    case stop(ProcessReference)
    case reset(ProcessReference)
    case query(ProcessReference)
    case listActive
    case getHealth
    /// All processes, or those of one owner.
    case getProcesses(of: Owner?, hasUsage: Bool = false)
    case getProcess(ProcessReference, hasUsage: Bool = false)
    /// Sends a signal, given by its number, to the main process only.
    case signal(ProcessReference, Int32)
    /// Removes the entry of an ended process.
    case remove(ProcessReference)
    case getLog(ProcessReference, LogQuery)
    /// Publishes further output of the process as it is written.
    case followLog(ProcessReference, LogFollowing)
    case unfollowLog(ProcessReference, LogStream?)
    /// Publishes what the processes use, again and again.
    case followUsage(UsageFollowing)
    /// Ends what the follower of that name has asked for.
    case unfollowUsage(String)
    /// Starts, resets, updates and removes processes until exactly these run; each starts after its dependencies.
    case apply([ProcessSpec], ApplyOptions)
    case shutdown

    /// Whether the command is accepted on a host's topic for viewers.
    package var isWatching: Bool {
        switch self {
        case .getHealth, .getProcesses, .followUsage, .unfollowUsage: true
        default: false
        }
    }

    /// Whether the command changes nothing.
    package var isReading: Bool {
        switch self {
        case .start, .startAgain, .stop, .reset, .signal, .remove, .followLog, .unfollowLog, .followUsage,
            .unfollowUsage, .shutdown:
            false
        case .apply(_, let options): options.isDryRun
        case .query, .listActive, .getHealth, .getProcesses, .getProcess, .getLog: true
        }
    }
}
