/// The result of `apply`, or of its dry run: what happened to each process until exactly the requested ones run.
package struct ApplyResult: Equatable, Sendable {
    /// A process that could not be brought to the requested state.
    package struct Refusal: Equatable, Sendable {
        package let id: Name
        package let failure: Failure

        package init(id: Name, failure: Failure) {
            self.id = id
            self.failure = failure
        }
    }

    package var started: [Name]
    /// Restarted because their config changed.
    package var reset: [Name]
    /// Kept running with changed rules.
    package var updated: [Name]
    package var removed: [Name]
    package var unchanged: [Name]
    package var failed: [Refusal]
    /// Whether `apply` only computed this and changed nothing.
    package var isDryRun: Bool

    /// Number of processes in all lists.
    package var count: Int {
        started.count + reset.count + updated.count + removed.count + unchanged.count + failed.count
    }

    package init(
        started: [Name] = [], reset: [Name] = [], updated: [Name] = [], removed: [Name] = [], unchanged: [Name] = [],
        failed: [Refusal] = [], isDryRun: Bool = false
    ) {
        self.started = started
        self.reset = reset
        self.updated = updated
        self.removed = removed
        self.unchanged = unchanged
        self.failed = failed
        self.isDryRun = isDryRun
    }
}
