/// A request that lists all processes.
struct Query {
    enum Kind {
        /// The pids or the names of the processes that run.
        case brief
        /// Name, pid, state and times of each process.
        case full
    }

    let kind: Kind
    /// The name of the command in the supervisor's interface.
    let name: String
    /// A text that the answer holds once for each running process; if empty, the answer is not checked.
    let mark: String
    let ask: () throws -> [UInt8]
}
