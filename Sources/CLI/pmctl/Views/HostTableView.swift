import LinuxSystem
import Model

/// `pmctl hosts`: one host per line.
enum HostTableView {
    /// - Parameter isWide: whether there are more columns.
    static func make(_ hosts: [HostReport], at now: Instant, isWide: Bool = false) -> Table {
        let more: [Table.Column] =
            isWide
            ? [.init("CPUS", .right), .init("FREE", .right), .init("MEMORY", .right), .init("LABELS", isElastic: true)]
            : []
        return Table(
            columns: [
                .init("HOST", isName: true), .init("STATUS"), .init("HEALTH"), .init("UPTIME", .right),
                .init("RUNNING", .right), .init("FAILED", .right), .init("TOTAL", .right), .init("LOAD", .right),
                .init("VERSION", isElastic: true),
            ] + more,
            rows: hosts.map { row($0, at: now) + (isWide ? moreCells($0) : []) })
    }

    static var sortKeys: [SortKey<HostReport>] {
        [
            .init("name") { .text("\($0.name)") }, .init("status") { .text($0.statusCell.text) },
            .init("health") { .text($0.healthCell(at: .now).text) }, .init("uptime") { .number($0.present?.uptime) },
            .init("running") { .number($0.present?.running.map(Double.init)) },
            .init("failed") { .number($0.present?.failed.map(Double.init)) },
            .init("total") { .number($0.present?.total.map(Double.init)) },
            .init("load") { .number($0.present?.load.first) }, .init("free") { .number($0.present?.memoryAvailable) },
            .init("version") { .text($0.present?.version ?? "") },
        ]
    }

    private static func row(_ host: HostReport, at now: Instant) -> [Cell] {
        let health = host.present
        return [
            Cell(host.name.description), host.statusCell, host.healthCell(at: now),
            Cell(health?.uptime.map(Quantity.duration) ?? "-"), Cell(number: health?.running),
            Cell(health?.failed.map { "\($0)" } ?? "-", health?.failed ?? 0 > 0 ? .red : nil),
            Cell(number: health?.total), Cell(health?.load.first.map { Quantity.decimal($0, places: 2) } ?? "-"),
            Cell(health?.version ?? "-"),
        ]
    }

    private static func moreCells(_ host: HostReport) -> [Cell] {
        let labels = host.labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
        return [
            Cell(number: host.present?.cpus), Cell(host.present?.memoryAvailable.map(Quantity.bytes) ?? "-"),
            Cell(host.present?.memoryTotal.map(Quantity.bytes) ?? "-"), Cell(labels.isEmpty ? "-" : labels),
        ]
    }
}

extension HostReport {
    /// Its health, unless it is offline: then the last report is out of date.
    fileprivate var present: HealthReport? { isOnline == true ? health : nil }
}
