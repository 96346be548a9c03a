extension ProcessSpec {
    /// What it takes to bring a process from one spec to another.
    package enum Change: Equatable, Sendable {
        case nothing
        /// Nothing but rules that its agent goes by while it runs, or at its next start or end.
        case inPlace
        case restart
    }

    /// - Parameter id: of the process: one that was started without a name has the name it got.
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
