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

    /// "clock 40 s behind"; nil if its clock is right, or not known to be wrong.
    var clock: String? {
        clockSkew.map { "clock \(Quantity.duration(abs($0))) \($0 < 0 ? "behind" : "ahead")" }
    }

    func healthCell(at now: Instant) -> Cell {
        guard isOnline == true, let health else { return .none }
        if isStale(at: now) { return Cell("stale", .yellow) }
        if let clock { return Cell("\(health.verdict.rawValue), \(clock)", .yellow) }
        return Cell(health.verdict.rawValue, health.verdict == .good ? .green : .red)
    }
}
