import Model

/// `pmctl watch`: one line per change.
enum ChangeLine {
    /// - Parameter time: the formatted time.
    static func text(_ change: Change, time: String, for terminal: Terminal) -> String {
        let (what, cell): (String, Cell) =
            switch change.kind {
            case .status(let isOnline): ("", isOnline ? Cell("online", .green) : Cell("offline", .red))
            case .health(let health): ("health ", self.health(health))
            case .stale: ("health ", Cell("stale", .yellow))
            case .process(let id, let process): ("process \(id) ", self.process(process))
            case .forgotten(let id): ("process \(id) ", Cell("forgotten", .faint))
            }
        return "\(time)  \(change.host)  \(what)\(terminal.paint(cell.text, cell.color))"
    }

    private static func health(_ health: HealthReport) -> Cell {
        switch health.verdict {
        case .good: Cell("good", .green)
        case .bad: Cell("bad: \(health.reasons.joined(separator: "; "))", .red)
        }
    }

    private static func process(_ process: ProcessReport) -> Cell {
        let state = process.stateCell()
        let details = [
            process.pid.map { "pid \($0)" }, process.exit.map { "exit code \($0)" }, process.error,
        ].compactMap(\.self)
        return Cell(([state.text] + details).joined(separator: ", "), state.color)
    }
}
