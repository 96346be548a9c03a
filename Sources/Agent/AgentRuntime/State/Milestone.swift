/// How far an agent has come, for the worker that takes over from this one.
enum Milestone: String, CaseIterable {
    /// The machine's own specs run as their files say, or were refused: no later worker of the same agent applies them
    /// unasked. Withdrawn while files that were read again are being applied.
    case applied
    /// Processes are stopped because the agent ends, and not because nobody wants them.
    case ending
}
