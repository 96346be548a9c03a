import Glibc
import LinuxSystem
import TestSupport

/// A thousand processes under each supervisor: the time to start them, the memory, the latency of lists and the idle
/// processor time.
enum FleetBench {
    private static let workload = Workload(command: ["/bin/sleep", "1000"], count: 1_000)
    private static let kinds = Peers.all + [{ try CircusPeer($0, inOneWatcher: true) }]
    /// Seconds: two health messages of the agent, four checks of circus.
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
        // In turn, so that changes of the host's speed affect all of them alike.
        for _ in 0..<(2 * rounds) { for fleet in fleets { try fleet.ask() } }
        // By then the memory for the starts is released and every supervisor has done its first checks.
        sleep(11)
        for fleet in fleets { try fleet.beginIdle() }
        sleep(UInt32(idle))
        for fleet in fleets { try fleet.endIdle() }
        Report.table(
            ["", "start s", "RSS MB", "PSS MB", "brief list ms", "full list ms", "idle % of a core"], fleets.map(\.row))
        compare(fleets)
    }

    /// Reports the agent's figures as ratios to those of supervisord and circus.
    private static func compare(_ fleets: [Fleet]) {
        guard let ours = fleets.first(where: { $0.peer is AgentPeer }) else { return }
        for theirs in fleets where theirs.peer is SupervisordPeer || theirs.peer is CircusPeer {
            let name = theirs.peer.name
            Report.figure("start, ratio to \(name)", ours.startSeconds / theirs.startSeconds, .atMost(1))
            Report.figure("RSS, ratio to \(name)", ours.resident / theirs.resident, .atMost(1))
            for query in theirs.peer.queries {
                guard let mine = ours.latency(query.kind), let other = theirs.latency(query.kind) else { continue }
                Report.figure("list (\(query.name)), ratio to \(name)", mine / other, .atMost(1))
            }
            Report.figure("idle, ratio to \(name)", ours.idleShare / theirs.idleShare, .atMost(1))
        }
    }
}
