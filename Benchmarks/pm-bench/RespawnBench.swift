import Glibc
import LinuxSystem

/// The time from the SIGKILL of a child to the first instruction in `main` of the next one, for every supervisor.
enum RespawnBench {
    private static let settings: [(name: String, uptime: Double, seconds: Double)] = [
        ("killed after 1.1 to 1.6 s", 1.1, 60), ("killed as soon as it runs", 0, 15),
    ]

    static func run() throws {
        Report.title("SIGKILL of a child to its respawn (restart always, no delay)")
        let alone = try Beacon().startAlone(count: 200)
        Report.figure("spawn to main of the child alone: p50 in ms", 1e3 * alone.median, .none)
        var targets: [RespawnTarget] = []
        defer { for target in targets { target.peer.end() } }
        for kind in Peers.all {
            let beacon = try Beacon()
            guard let peer = try Peers.make(kind, beacon.workload) else { continue }
            targets.append(RespawnTarget(peer, beacon))
            try peer.startAll()
            try targets.last?.awaitFirst()
        }
        for setting in settings {
            try rounds(targets, uptime: setting.uptime, seconds: setting.seconds)
            Report.note("  \(setting.name), ms:")
            Report.table(
                ["", "rounds", "p50", "p95"],
                targets.map { target in
                    let times = target.seconds.map { $0 * 1e3 }
                    return [
                        target.peer.name, "\(times.count)", Report.rounded(times.median),
                        Report.rounded(times.percentile(95)),
                    ]
                })
            if let ours = targets.first(where: { $0.peer is AgentPeer }) {
                Report.figure("pm-agent, \(setting.name): p50 in ms", 1e3 * ours.seconds.median, .atMost(3))
            }
        }
        Report.note(
            """
              By design: runsv restarts a child at once if it has run for a second, else at the end of that second;
              s6-supervise waits for a second after each end; supervisord restarts when its loop has slept for a
              second; circus restarts in its check every 5 s (check_delay).
            """)
    }

    /// Kills children that have run for `uptime`, one at a time. A supervisor that is slow to restart its child does
    /// not delay the others.
    private static func rounds(_ targets: [RespawnTarget], uptime: Double, seconds: Double) throws {
        for target in targets { target.begin(uptime: uptime) }
        let end = Instant.now + .seconds(seconds)
        // The distance between two kills: a fast supervisor has restarted its child before the next kill.
        let distance = Duration.milliseconds(20)
        var earliest = Instant.now
        while .now < end {
            let due = targets.filter { $0.isDue }.min { $0.deadline < $1.deadline }
            if let due, .now >= earliest {
                due.kill()
                earliest = .now + distance
            }
            for target in targets { try target.look() }
            poll(nil, 0, 1)
        }
        for target in targets { try target.finish() }
    }
}
