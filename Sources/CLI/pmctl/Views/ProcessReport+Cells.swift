import Model

extension ProcessReport {
    /// A question mark says that the host is offline, and this only what was so when it went.
    func stateCell(isOnline: Bool = true) -> Cell {
        let state = isScheduled ? "scheduled" : state
        guard isOnline else { return Cell("\(state)?", .yellow) }
        return switch ProcessState(rawValue: self.state) {
        case .running: Cell(state, .green)
        case .failed: Cell(state, .red)
        case .starting, .stopping, .backoff: Cell(state, .yellow)
        case .exited: Cell(state, .faint)
        case nil: Cell(state)
        }
    }

    /// `0`, `143 (terminated)`; nil while it has not ended.
    var exit: String? {
        guard let exitCode else { return nil }
        return signal.map { "\(exitCode) (\(Quantity.signal($0)))" } ?? "\(exitCode)"
    }

    /// Seconds, by what the host's clock shows now. A retained entry is as old as its last change, so its start counts, not the uptime it had then.
    func uptime(wallClock: Double) -> Double? {
        guard pid != nil else { return nil }
        return startedAt.map { wallClock - $0 } ?? uptime
    }
}
