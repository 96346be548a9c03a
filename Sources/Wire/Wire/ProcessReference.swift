package import Model

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
