import Glibc
import LinuxSystem

/// A supervisor and the beacon that it restarts.
final class RespawnTarget {
    let peer: any Peer
    /// For each round, the seconds from the kill to the next start.
    private(set) var seconds: [Double] = []
    /// When the next kill is due.
    private(set) var deadline = Instant.now
    private let beacon: Beacon
    private var uptime = 0.0
    private var pid: pid_t = 0
    private var killed: Instant?

    /// Milliseconds after which a supervisor counts as having given up.
    private static let patience: Int32 = 20_000

    init(_ peer: any Peer, _ beacon: Beacon) {
        self.peer = peer
        self.beacon = beacon
    }

    var isDue: Bool { killed == nil && .now >= deadline }

    func awaitFirst() throws {
        guard let start = try beacon.next(milliseconds: Self.patience) else {
            throw BenchError("\(peer.name) did not start the child")
        }
        note(start)
    }

    /// Discards the measurements. From now on each child runs for `uptime` seconds and, unless that is 0, up to half a
    /// second more, so that kills do not always hit the same point of a supervisor's own period.
    func begin(uptime: Double) {
        self.uptime = uptime
        seconds = []
        schedule()
    }

    func kill() {
        killed = .now
        Glibc.kill(pid, SIGKILL)
    }

    /// Records a start if there was one.
    func look() throws {
        if let start = try beacon.next(milliseconds: 0) { note(start) }
    }

    /// Waits for the last round. A supervisor that does not restart its child keeps its earlier rounds.
    func finish() throws {
        guard killed != nil else { return }
        guard let start = try beacon.next(milliseconds: Self.patience) else {
            Report.note("! \(peer.name) did not start the child again within \(Self.patience / 1000) s")
            return
        }
        note(start)
    }

    private func note(_ start: Beacon.Start) {
        if let killed { seconds.append((start.time - killed).inSeconds) }
        killed = nil
        pid = start.pid
        schedule()
    }

    private func schedule() {
        deadline = .now + .seconds(uptime == 0 ? 0 : uptime + Double.random(in: 0..<0.5))
    }
}
