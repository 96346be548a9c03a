import Model

/// `pmctl ps`: a process a line.
enum ProcessTableView {
    struct Row {
        let host: HostName
        let isOnline: Bool
        let process: ProcessReport
        /// What the host's clock shows, in seconds since the epoch; nil is as this machine's.
        var hostTime: Double?
    }

    /// - Parameters:
    ///   - showsHost: whether they may be of several hosts.
    ///   - wallClock: what this machine's clock shows, in seconds since the epoch.
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
            Cell(row.host.description), Cell(process.id), process.stateCell(isOnline: row.isOnline),
            Cell(number: process.pid),
            Cell(
                row.isOnline ? process.uptime(wallClock: row.hostTime ?? wallClock).map(Quantity.duration) ?? "-" : "-"),
            Cell(number: process.restarts), Cell(process.exit ?? "-"), Cell(process.command ?? "-"),
        ]
    }
}
