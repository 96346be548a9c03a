import JSONCodec
import LinuxSystem
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
    ///   - isWide: whether there are more columns.
    static func make(_ rows: [Row], showsHost: Bool, wallClock: Double, isWide: Bool = false) -> Table {
        let columns: [Table.Column] =
            [
                .init("HOST", isName: true), .init("PROCESS", isName: true), .init("STATE"), .init("PID", .right),
                .init("UPTIME", .right), .init("RESTARTS", .right), .init("EXIT", isElastic: true),
            ] + (isWide ? [.init("WANT"), .init("HEALTHY"), .init("DRIVER"), .init("OWNER"), .init("STARTED")] : [])
            + [.init("COMMAND", isElastic: true)]
        return Table(
            columns: showsHost ? columns : Array(columns.dropFirst()),
            rows: rows.map { row in
                let cells = cells(row, wallClock: wallClock, isWide: isWide)
                return showsHost ? cells : Array(cells.dropFirst())
            })
    }

    static var sortKeys: [SortKey<Row>] {
        [
            .init("name") { .text($0.process.id) }, .init("host") { .text("\($0.host)") },
            .init("state") { .text($0.process.state) }, .init("pid") { .number($0.process.pid.map(Double.init)) },
            .init("uptime") { row in
                .number(row.process.uptime(wallClock: row.hostTime ?? WallClock.now))
            },
            .init("restarts") { .number($0.process.restarts.map(Double.init)) },
            .init("exit") { .number($0.process.exitCode.map(Double.init)) },
            .init("command") { .text($0.process.command ?? "") },
        ]
    }

    private static func moreCells(_ process: ProcessReport) -> [Cell] {
        [
            Cell(process.want ?? "-"), process.isHealthy.map { $0 ? Cell("yes", .green) : Cell("no", .red) } ?? .none,
            Cell(process.driver ?? "-"), Cell(process.json["owner"]?.string ?? "-"),
            Cell(process.startedAt.map { Quantity.time($0, isFull: true) } ?? "-"),
        ]
    }

    private static func cells(_ row: Row, wallClock: Double, isWide: Bool) -> [Cell] {
        let process = row.process
        return [
            Cell(row.host.description), Cell(process.id), process.stateCell(isKnown: row.isOnline && !row.isStale),
            Cell(number: process.pid),
            Cell(
                row.isOnline ? process.uptime(wallClock: row.hostTime ?? wallClock).map(Quantity.duration) ?? "-" : "-"),
            Cell(number: process.restarts), Cell(process.exit ?? "-"),
        ] + (isWide ? moreCells(process) : []) + [Cell(process.command ?? "-")]
    }
}
