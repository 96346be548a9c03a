import LinuxSystem
import Model

extension HostReport {
    var statusCell: Cell {
        switch isOnline {
        case true?: Cell("online", .green)
        case false?: Cell("offline", .red)
        case nil: Cell("unknown", .yellow)
        }
    }

    func healthCell(at now: Instant) -> Cell {
        guard isOnline == true, let health else { return .none }
        if isStale(at: now) { return Cell("stale", .yellow) }
        return Cell(health.verdict.rawValue, health.verdict == .good ? .green : .red)
    }
}
