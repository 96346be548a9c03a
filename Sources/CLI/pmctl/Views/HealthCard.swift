import LinuxSystem
import Model

/// `pmctl health HOST`: the whole health report of a host.
enum HealthCard {
    static func make(_ host: HostReport, at now: Instant, wallClock: Double) -> Card {
        let health = host.health
        var card = Card()
        card.add("host", host.name.description)
        card.add("status", host.statusCell)
        card.add("health", host.healthCell(at: now))
        for reason in health?.reasons ?? [] { card.add("reason", Cell(reason, .red)) }
        card.add("said", health?.timestamp.map { "\(Quantity.duration(wallClock - $0)) ago" })
        card.add("uptime", health?.uptime.map(Quantity.duration))
        card.add("version", health?.version)
        card.add("load", health?.load.map { Quantity.decimal($0, places: 2) }.joined(separator: " "))
        card.add("cpus", health?.cpus.map { "\($0)" })
        card.add("memory", health.flatMap(memory))
        card.add("processes", health.flatMap(processes))
        return card
    }

    private static func memory(_ health: HealthReport) -> String? {
        guard let free = health.memoryAvailable, let total = health.memoryTotal else { return nil }
        return "\(Quantity.bytes(free)) free of \(Quantity.bytes(total))"
    }

    private static func processes(_ health: HealthReport) -> String? {
        guard let running = health.running, let failed = health.failed, let total = health.total else { return nil }
        return "\(running) running, \(failed) failed, \(total) in all"
    }
}
