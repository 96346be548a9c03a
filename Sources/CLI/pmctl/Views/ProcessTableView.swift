import Model

/// `pmctl ps`: one process per line.
enum ProcessTableView {
    struct Row {
        let host: HostName
        let isOnline: Bool
        /// Whether the host has been silent for so long that it may be gone.
        var isStale = false
        let process: ProcessReport
        /// The host's clock, in seconds since the epoch; nil if it is the same as the local clock.
        var hostTime: Double?
    }

    /// - Parameters:
    ///   - showsHost: whether the rows may be of several hosts.
    ///   - wallClock: the local clock, in seconds since the epoch.
    static func make(_ rows: [Row], showsHost: Bool, wallClock: Double) -> Table {
        let columns: [Table.Column] = [
            .init("HOST", isElastic: true), .init("PROCESS", isElastic: true), .init("STATE"), .init("PID", .right),
            .init("UPTIME", .right), .init("RESTARTS", .right), .init("EXIT", isElastic: true),
            .init("COMMAND", isElastic: true),
        ]
        return Table(
            columns: showsHost ? columns : Array(columns.dropFirst()),
            rows: rows.map { row in
                let cells = cells(row, wallClock: wallClock)
                return showsHost ? cells : Array(cells.dropFirst())
            })
    }

    private static func cells(_ row: Row, wallClock: Double) -> [Cell] {
        let process = row.process
        return [
            Cell(row.host.description), Cell(process.id), process.stateCell(isKnown: row.isOnline && !row.isStale),
            Cell(number: process.pid),
            Cell(
                row.isOnline ? process.uptime(wallClock: row.hostTime ?? wallClock).map(Quantity.duration) ?? "-" : "-"),
            Cell(number: process.restarts), Cell(process.exit ?? "-"), Cell(process.command ?? "-"),
        ]
    }
}
