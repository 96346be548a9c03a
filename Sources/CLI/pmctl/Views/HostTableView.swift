import LinuxSystem
import Model

/// `pmctl hosts`: one host per line.
enum HostTableView {
    static func make(_ hosts: [HostReport], at now: Instant) -> Table {
        Table(
            columns: [
                .init("HOST", isElastic: true), .init("STATUS"), .init("HEALTH"), .init("UPTIME", .right),
                .init("RUNNING", .right), .init("FAILED", .right), .init("TOTAL", .right), .init("LOAD", .right),
                .init("VERSION", isElastic: true),
            ],
            rows: hosts.map { row($0, at: now) })
    }

    private static func row(_ host: HostReport, at now: Instant) -> [Cell] {
        // The last report of an offline host is out of date.
        let health = host.isOnline == true ? host.health : nil
        return [
            Cell(host.name.description), host.statusCell, host.healthCell(at: now),
            Cell(health?.uptime.map(Quantity.duration) ?? "-"), Cell(number: health?.running),
            Cell(health?.failed.map { "\($0)" } ?? "-", health?.failed ?? 0 > 0 ? .red : nil),
            Cell(number: health?.total), Cell(health?.load.first.map { Quantity.decimal($0, places: 2) } ?? "-"),
            Cell(health?.version ?? "-"),
        ]
    }
}
