import Model

extension ProcessReport {
    /// A question mark says that the host is offline or stale, so that the state may be out of date.
    func stateCell(isKnown: Bool = true) -> Cell {
        let state = isScheduled ? "scheduled" : state
        guard isKnown else { return Cell("\(state)?", .yellow) }
        return switch ProcessState(rawValue: self.state) {
        case .running: Cell(state, .green)
        case .failed: Cell(state, .red)
        case .starting, .stopping, .backoff: Cell(state, .yellow)
        case .exited: Cell(state, .faint)
        case nil: Cell(state)
        }
    }

    /// `0`, `143 (terminated)`; nil until it has ended.
    var exit: String? {
        guard let exitCode else { return nil }
        return signal.map { "\(exitCode) (\(Quantity.signal($0)))" } ?? "\(exitCode)"
    }

    /// In seconds, counted from the start. The reported uptime of a retained entry is as old as the last change.
    ///
    /// - Parameter wallClock: the host's clock, in seconds since the epoch.
    func uptime(wallClock: Double) -> Double? {
        guard pid != nil else { return nil }
        return startedAt.map { wallClock - $0 } ?? uptime
    }
}
