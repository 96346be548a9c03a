/// The progress of an agent, for the worker that replaces this one.
enum Milestone: String, CaseIterable {
    /// The host's own specs were applied: later workers of the same agent don't apply them again. Withdrawn at SIGHUP,
    /// until the files that were read again are applied.
    case applied
    /// The agent is ending: processes are stopped for that reason, and their wants stay as they are.
    case ending
}
