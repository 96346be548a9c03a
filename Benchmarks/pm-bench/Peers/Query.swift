/// A question for all processes at once.
struct Query {
    enum Kind {
        /// Who runs: pids, or names.
        case brief
        /// Each with its name, pid, state and times.
        case full
    }

    let kind: Kind
    /// As its users call it.
    let name: String
    /// What the answer holds once for each process that runs; empty: not looked for.
    let mark: String
    let ask: () throws -> [UInt8]
}
