/// How far an agent has come, for the worker that takes over from this one.
enum Milestone: String, CaseIterable {
    /// The machine's own specs have been applied: no later worker of the same agent does that unasked.
    case applied
    /// Processes are stopped because the agent ends, and not because nobody wants them.
    case ending
}
