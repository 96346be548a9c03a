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

/// Starts the supervisors; one that can't be is left out, with the reason.
enum Peers {
    typealias Kind = @Sendable (Workload) throws -> any Peer

    static let all: [Kind] = [
        { try AgentPeer($0) }, { try SupervisordPeer($0) }, { try CircusPeer($0, inOneWatcher: false) },
        { try ScannerPeer.runit($0) }, { try ScannerPeer.s6($0) },
    ]

    static func make(_ kind: Kind, _ workload: Workload) throws -> (any Peer)? {
        do { return try kind(workload) } catch let missing as MissingPeer {
            Report.note("  without \(missing.program): it is not there (scripts/bench-peers.sh installs it)")
            return nil
        }
    }

    /// The path of a peer's program: in `PM_PEERS` (`.build/peers` by default), else where Debian puts it.
    static func find(_ program: String) throws -> String {
        let folder = getenv("PM_PEERS").map { String(cString: $0) } ?? ".build/peers"
        for path in ["\(folder)/bin/\(program)", "/usr/bin/\(program)"] where access(path, X_OK) == 0 { return path }
        throw MissingPeer(program: program)
    }
}

struct MissingPeer: Error {
    let program: String
}
