/// The columns of `pmctl ps --usage`.
enum UsageColumns {
    /// A table with these columns after that of the uptime.
    ///
    /// - Parameter rows: those of the table, in its order.
    static func adding(
        to table: Table, _ rows: [ProcessTableView.Row], _ usage: (ProcessTableView.Row) -> Usage?, wallClock: Double
    ) -> Table {
        let place = (table.columns.firstIndex { $0.title == "UPTIME" } ?? table.columns.count - 1) + 1
        var columns = table.columns
        columns.insert(
            contentsOf: [
                .init("CPU", .right), .init("CPU TIME", .right), .init("MEMORY", .right), .init("TASKS", .right),
            ],
            at: place)
        let cells = zip(table.rows, rows).map { cells, row in
            var cells = cells
            cells.insert(contentsOf: self.cells(usage(row), row, wallClock: wallClock), at: place)
            return cells
        }
        return Table(columns: columns, rows: cells)
    }

    static func sortKeys(_ usage: @escaping (ProcessTableView.Row) -> Usage?) -> [SortKey<ProcessTableView.Row>] {
        [
            .init("cpu") { .number(usage($0)?.cpuSeconds) }, .init("memory") { .number(usage($0)?.memory) },
            .init("tasks") { .number(usage($0)?.tasks.map(Double.init)) },
        ]
    }

    /// The processors in use are those on average since the start.
    private static func cells(_ usage: Usage?, _ row: ProcessTableView.Row, wallClock: Double) -> [Cell] {
        let uptime = row.process.uptime(wallClock: row.hostTime ?? wallClock)
        let cpu = usage?.cpuSeconds.flatMap { seconds in uptime.flatMap { $0 > 0 ? seconds / $0 : nil } }
        return [
            Cell(cpu.map(TopTable.percent) ?? "-"), Cell(usage?.cpuSeconds.map(Quantity.duration) ?? "-"),
            Cell(usage?.memory.map(Quantity.bytes) ?? "-"), Cell(number: usage?.tasks),
        ]
    }
}
