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

    /// Whether it changes nothing.
    package var isReading: Bool {
        switch self {
        case .start, .stop, .reset: false
        case .query, .listActive, .getHealth, .getProcesses: true
        }
    }
}

/// A process by its id or by the pid it has or had.
package enum ProcessReference: Equatable, Sendable {
    case id(Name)
    case pid(Int)

    package var notFound: Failure {
        switch self {
        case .id(let id): Failure(.noSuchProcess, "no such process: \(id)")
        case .pid: Failure(.noSuchProcess, "no such pid")
        }
    }
}
