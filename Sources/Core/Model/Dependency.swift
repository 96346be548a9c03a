/// A condition that another process must meet before a process is started (`depends_on` of a config).
package struct Dependency: Hashable, Sendable {
    package enum Condition: String, Sendable, CaseIterable {
        case up
        /// Its latest run ended by itself with exit code 0.
        case completed
    }

    package let id: Name
    package let condition: Condition

    package init(_ id: Name, _ condition: Condition = .up) {
        self.id = id
        self.condition = condition
    }
}
