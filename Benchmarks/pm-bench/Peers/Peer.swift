import Glibc

/// A supervisor in a folder of its own, up and idle until it is told to start its workload.
protocol Peer: AnyObject {
    var name: String { get }
    /// The one that was started: the parent of all it supervises, or of those that are.
    var root: pid_t { get }
    /// The supervisor's own processes.
    var ownProcesses: [pid_t] { get }
    /// The ways to ask for all processes.
    var queries: [Query] { get }

    /// Has the whole workload started; may return before it runs.
    func startAll() throws
    /// Called shortly before questions: a connection may have been left alone for too long.
    func connect() throws
    /// Ends the supervisor and all that it supervises.
    func end()
}

extension Peer {
    func connect() throws {}
}
