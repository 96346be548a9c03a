import Glibc

/// Starts the supervisors. A supervisor that is not installed is left out with a note.
enum Peers {
    typealias Kind = @Sendable (Workload) throws -> any Peer

    static let all: [Kind] = [
        { try AgentPeer($0) }, { try SupervisordPeer($0) }, { try CircusPeer($0, inOneWatcher: false) },
        { try ScannerPeer.runit($0) }, { try ScannerPeer.s6($0) },
    ]

    static func make(_ kind: Kind, _ workload: Workload) throws -> (any Peer)? {
        do { return try kind(workload) } catch let missing as MissingPeer {
            Report.note("  left out: \(missing.program) is not installed (scripts/bench-peers.sh installs it)")
            return nil
        }
    }

    /// The path of a peer's program: below `PM_PEERS` (`.build/peers` by default), else in /usr/bin.
    static func find(_ program: String) throws -> String {
        let folder = getenv("PM_PEERS").map { String(cString: $0) } ?? ".build/peers"
        for path in ["\(folder)/bin/\(program)", "/usr/bin/\(program)"] where access(path, X_OK) == 0 { return path }
        throw MissingPeer(program: program)
    }
}

struct MissingPeer: Error {
    let program: String
}
