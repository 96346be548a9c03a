import JSONCodec
import Model

/// `pmctl node ls` and `pmctl vm ls`: one node or VM per line.
enum InstanceTable {
    /// - Parameter wallClock: seconds since the epoch.
    static func make(_ entries: [JSON], _ kind: InstanceKind, wallClock: Double) -> Table {
        let vm: [Table.Column] =
            kind == .vm
            ? [.init("MEMORY", .right), .init("CPUS", .right), .init("PROCESS", isElastic: true), .init("PID", .right)]
            : []
        return Table(
            columns: [
                .init(kind == .vm ? "VM" : "NODE", isName: true), .init("HOST", isName: true), .init("STATE"),
            ]
                + vm + [.init("AGE", .right), .init("REASON", isElastic: true)],
            rows: entries.map { row($0, kind, wallClock: wallClock) })
    }

    static func sortKeys(_ kind: InstanceKind) -> [SortKey<JSON>] {
        [
            .init("name") { .text($0["\(kind.rawValue)_id"]?.string ?? "") },
            .init("host") { .text($0["host"]?.string ?? "") }, .init("state") { .text($0["state"]?.string ?? "") },
            .init("age") { .number($0["created_at"]?.number.map(-)) },
        ]
    }

    private static func row(_ entry: JSON, _ kind: InstanceKind, wallClock: Double) -> [Cell] {
        let vm: [Cell] =
            kind == .vm
            ? [
                Cell(entry["memory_mb"]?.integer.map { "\($0)M" } ?? "-"), Cell(number: entry["cpus"]?.integer),
                Cell(entry["process_id"]?.string ?? "-"), Cell(number: entry["pid"]?.integer),
            ] : []
        let age = entry["created_at"]?.number.map { Quantity.duration(max(0, wallClock - $0)) }
        return [
            Cell(entry["\(kind.rawValue)_id"]?.string ?? "-"), Cell(entry["host"]?.string ?? "-"), state(entry),
        ] + vm + [Cell(age ?? "-"), Cell(InstanceLine.detail(entry) ?? "-")]
    }

    private static func state(_ entry: JSON) -> Cell {
        let word = entry["state"]?.string ?? "-"
        return switch InstanceState(rawValue: word) {
        case .running: Cell(word, .green)
        case .queued, .starting, .stopping: Cell(word, .yellow)
        case .down, .hostOffline, .failed, .held: Cell(word, .red)
        case nil: Cell(word)
        }
    }
}
