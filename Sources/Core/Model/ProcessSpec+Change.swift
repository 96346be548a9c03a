extension ProcessSpec {
    /// What the agent must do to bring a process from one spec to another.
    package enum Change: Equatable, Sendable {
        case nothing
        /// Only rules differ that the agent applies while the process runs, or at its next start or end.
        case inPlace
        case restart
    }

    /// - Parameter id: id of the process: one started without a name has the id that the agent gave it.
    package func change(to other: ProcessSpec, of id: Name) -> Change {
        var present = self
        present.name = id
        if present == other { return .nothing }
        present.restart = other.restart
        present.stop = other.stop
        present.log = other.log
        present.healthCheck = other.healthCheck
        present.isPersistent = other.isPersistent
        present.dependsOn = other.dependsOn
        return present == other ? .inPlace : .restart
    }
}
