/// What it takes, or took, until a host runs exactly the processes it was told to run.
package struct ApplyResult: Equatable, Sendable {
    /// A process that could not be brought to where it should be.
    package struct Refusal: Equatable, Sendable {
        package let id: Name
        package let failure: Failure

        package init(id: Name, failure: Failure) {
            self.id = id
            self.failure = failure
        }
    }

    package var started: [Name]
    /// Those that ran with another config.
    package var reset: [Name]
    /// Those that go on running, by other rules.
    package var updated: [Name]
    package var removed: [Name]
    package var unchanged: [Name]
    package var failed: [Refusal]
    /// Whether it was only worked out, and nothing done.
    package var isDryRun: Bool

    /// How many processes it names.
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
