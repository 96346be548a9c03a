import Glibc

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
