import LinuxSystem
import Model

/// The tables of `pmctl top`: hosts, and processes.
enum TopTable {
    static func hosts(_ hosts: [HostReport], _ model: TopModel, at now: Instant) -> Table {
        Table(
            columns: [
                .init("HOST", isElastic: true), .init("HEALTH"), .init("CPU", .right), .init("CPUS", .right),
                .init("LOAD", .right), .init("USED", .right), .init("MEMORY", .right), .init("RUNNING", .right),
                .init("FAILED", .right),
            ],
            rows: hosts.map { host in
                let health = host.isOnline == true ? host.health : nil
                let used = health.flatMap { health in
                    health.memoryTotal.flatMap { total in health.memoryAvailable.map { total - $0 } }
                }
                return [
                    Cell(host.name.description), host.isOnline == true ? host.healthCell(at: now) : host.statusCell,
                    Cell(model.cpu(of: host.name).map(percent) ?? "-"), Cell(number: health?.cpus),
                    Cell(health?.load.first.map { Quantity.decimal($0, places: 2) } ?? "-"),
                    Cell(used.map(Quantity.bytes) ?? "-"), Cell(health?.memoryTotal.map(Quantity.bytes) ?? "-"),
                    Cell(number: health?.running),
                    Cell(health?.failed.map { "\($0)" } ?? "-", health?.failed ?? 0 > 0 ? .red : nil),
                ]
            })
    }

    static func processes(_ rows: [TopModel.Row]) -> Table {
        Table(
            columns: [
                .init("HOST", isElastic: true), .init("PROCESS", isElastic: true), .init("STATE"),
                .init("CPU", .right), .init("MEMORY", .right), .init("TASKS", .right), .init("FILES", .right),
                .init("UPTIME", .right), .init("COMMAND", isElastic: true),
            ],
            rows: rows.map { row in
                [
                    Cell(row.host.description), Cell(row.process.id), row.process.stateCell(isKnown: row.isKnown),
                    Cell(row.cpu.map(percent) ?? "-"), Cell(row.usage?.memory.map(Quantity.bytes) ?? "-"),
                    Cell(number: row.usage?.tasks), Cell(number: row.usage?.openFiles),
                    Cell(row.uptime.map(Quantity.duration) ?? "-"), Cell(row.process.command ?? "-"),
                ]
            })
    }

    /// 100 % is one processor.
    static func percent(_ processors: Double) -> String { "\(Quantity.decimal(processors * 100, places: 1))%" }
}
