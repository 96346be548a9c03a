import LinuxSystem
import Model

/// `pmctl health`: one host per line, with the health reasons.
enum HealthTable {
    static func make(_ hosts: [HostReport], at now: Instant, wallClock: Double) -> Table {
        Table(
            columns: [
                .init("HOST", isName: true), .init("HEALTH"), .init("SAID", .right), .init("LOAD", .right),
                .init("FREE", .right), .init("REASONS", isElastic: true),
            ],
            rows: hosts.map { row($0, at: now, wallClock: wallClock) })
    }

    static var sortKeys: [SortKey<HostReport>] {
        [
            .init("name") { .text("\($0.name)") }, .init("health") { .text($0.healthCell(at: .now).text) },
            .init("load") { .number($0.health?.load.first) }, .init("free") { .number($0.health?.memoryAvailable) },
        ]
    }

    private static func row(_ host: HostReport, at now: Instant, wallClock: Double) -> [Cell] {
        let health = host.isOnline == true ? host.health : nil
        let reasons = host.isOnline == true ? said(health) : "host \(host.statusCell.text)"
        return [
            Cell(host.name.description), host.healthCell(at: now),
            Cell(host.health?.timestamp.map { "\(Quantity.duration(wallClock - $0)) ago" } ?? "-"),
            Cell(health?.load.first.map { Quantity.decimal($0, places: 2) } ?? "-"),
            Cell(health?.memoryAvailable.map(Quantity.bytes) ?? "-"), Cell(reasons),
        ]
    }

    private static func said(_ health: HealthReport?) -> String {
        guard let health else { return "no health report" }
        return health.reasons.isEmpty ? "-" : health.reasons.joined(separator: "; ")
    }
}
