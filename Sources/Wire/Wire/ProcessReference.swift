package import Model

/// Refers to a process by its id, or by the pid that it has or had.
package enum ProcessReference: Equatable, Sendable {
    case id(Name)
    case pid(Int)

    /// Nil for a pid.
    package var id: Name? {
        if case .id(let id) = self { id } else { nil }
    }

    package var notFound: Failure {
        switch self {
        case .id(let id): Failure(.noSuchProcess, "no such process: \(id)")
        case .pid: Failure(.noSuchProcess, "no such pid")
        }
    }
}
