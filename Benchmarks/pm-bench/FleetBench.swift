import Glibc
import LinuxSystem
import TestSupport

/// A thousand processes under each supervisor: how long they take to start, and what it costs to have them.
enum FleetBench {
    private static let workload = Workload(command: ["/bin/sleep", "1000"], count: 1_000)
    private static let kinds = Peers.all + [{ try CircusPeer($0, inOneWatcher: true) }]
    /// Seconds: two health messages of ours, four checks of circus's.
    private static let idle: Int32 = 20

    static func run(rounds: Int) throws {
        Report.title("\(workload.count) × \(workload.commandLine), from the first request to each API until all run")
        var fleets: [Fleet] = []
        defer { for fleet in fleets { fleet.peer.end() } }
        for kind in kinds {
            guard let peer = try Peers.make(kind, workload) else { continue }
            let fleet = Fleet(peer, workload)
            fleets.append(fleet)
            try fleet.start()
        }
        // In turn, so that the machine's mood meets all of them.
        for _ in 0..<(2 * rounds) { for fleet in fleets { try fleet.ask() } }
        // What the starts needed is given back by now, and all are past their first checks.
        sleep(11)
        for fleet in fleets { try fleet.beginIdle() }
        sleep(UInt32(idle))
        for fleet in fleets { try fleet.endIdle() }
        Report.table(
            ["", "start s", "RSS MB", "PSS MB", "who runs ms", "entries ms", "idle % of a core"], fleets.map(\.row))
        compare(fleets)
    }

    /// Ours of each of theirs.
    private static func compare(_ fleets: [Fleet]) {
        guard let ours = fleets.first(where: { $0.peer is AgentPeer }) else { return }
        for theirs in fleets where theirs.peer is SupervisordPeer || theirs.peer is CircusPeer {
            let name = theirs.peer.name
            Report.figure("start, of \(name)'s", ours.startSeconds / theirs.startSeconds, .atMost(1))
            Report.figure("RSS, of \(name)'s", ours.resident / theirs.resident, .atMost(1))
            for query in theirs.peer.queries {
                guard let mine = ours.latency(query.kind), let other = theirs.latency(query.kind) else { continue }
                Report.figure("list (\(query.name)), of \(name)'s", mine / other, .atMost(1))
            }
            Report.figure("idle, of \(name)'s", ours.idleShare / theirs.idleShare, .atMost(1))
        }
    }
}
