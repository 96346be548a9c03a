import JSONCodec

/// `pmctl apply`: one process per line, and how it was changed.
enum DifferenceTable {
    /// The lists in the answer, with the word for each after a change and in a dry run.
    private static let changes: [(key: String, done: Cell, wouldBe: Cell)] = [
        ("started", Cell("started", .green), Cell("start", .green)),
        ("reset", Cell("reset", .yellow), Cell("reset", .yellow)),
        ("updated", Cell("updated", .green), Cell("update", .green)),
        ("removed", Cell("removed", .yellow), Cell("remove", .yellow)),
        ("unchanged", Cell("unchanged", .faint), Cell("unchanged", .faint)),
    ]

    /// One line: "2 started, 1 removed"; of a dry run, "would start 2, remove 1".
    static func summary(_ result: JSON, isDryRun: Bool) -> String {
        let counts = changes.map { change in
            (result[change.key]?.array?.count ?? 0, (isDryRun ? change.wouldBe : change.done).text)
        }
        let failed = (result["failed"]?.array?.count ?? 0, "failed")
        let parts = (counts + [failed]).filter { $0.0 > 0 }
        if parts.isEmpty { return "no processes" }
        if isDryRun { return "would \(parts.map { "\($0.1) \($0.0)" }.joined(separator: ", "))" }
        return parts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    /// - Parameter result: `result` of the answer to `apply`.
    static func make(_ result: JSON, isDryRun: Bool) -> Table {
        var rows: [[Cell]] = []
        for change in changes {
            for id in result[change.key]?.array ?? [] {
                rows.append([Cell(id.string ?? "-"), isDryRun ? change.wouldBe : change.done, .none])
            }
        }
        for failure in result["failed"]?.array ?? [] {
            let reason = failure["error"]?["detail"]?.string
            rows.append([
                Cell(failure["process_id"]?.string ?? "-"), Cell("failed", .red), reason.map { Cell($0) } ?? .none,
            ])
        }
        return Table(
            columns: [.init("PROCESS", isName: true), .init("CHANGE"), .init("REASON", isElastic: true)], rows: rows)
    }
}
