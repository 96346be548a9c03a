import Glibc

/// A supervisor in a folder of its own that is up and idle until ``startAll()``.
protocol Peer: AnyObject {
    var name: String { get }
    /// The process that the bench has started: the parent of the workload, or of the supervisors of the workload.
    var root: pid_t { get }
    /// The supervisor's own processes.
    var ownProcesses: [pid_t] { get }
    /// The queries that list all processes.
    var queries: [Query] { get }

    /// Starts the whole workload. It may return before all processes run.
    func startAll() throws
    /// Called shortly before queries, because an idle connection may have been closed.
    func connect() throws
    /// Ends the supervisor and its workload.
    func end()
}

extension Peer {
    func connect() throws {}
}
