package import Model

/// What an agent is asked to do, whatever the dialect.
package enum Command: Equatable, Sendable {
    case start(ProcessSpec)
    case stop(ProcessReference)
    case reset(ProcessReference)
    case query(ProcessReference)
    case listActive
    case getHealth
    case getProcesses
    case getProcess(ProcessReference)
    /// A signal by its number, to the process alone.
    case signal(ProcessReference, Int32)
    /// Forgets an ended one.
    case remove(ProcessReference)
    case getLog(ProcessReference, LogQuery)
    /// Publishes what it writes from now on.
    case followLog(ProcessReference, LogFollowing)
    case unfollowLog(ProcessReference, LogStream?)
    /// Has exactly these run, each behind those that it depends on.
    case apply([ProcessSpec], isDryRun: Bool)
    case shutdown

    /// Whether it changes nothing.
    package var isReading: Bool {
        switch self {
        case .start, .stop, .reset, .signal, .remove, .followLog, .unfollowLog, .shutdown: false
        case .apply(_, let isDryRun): isDryRun
        case .query, .listActive, .getHealth, .getProcesses, .getProcess, .getLog: true
        }
    }
}
