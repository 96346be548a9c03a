import JSONCodec
import LinuxSystem
import Model

/// `pmctl info`: what a host says of itself.
enum InfoCard {
    /// - Parameter info: the payload of `pm/<host>/info`.
    static func make(_ host: HostReport, _ info: JSON, at now: Instant) -> Card {
        let health = host.health
        var card = Card()
        card.add("host", host.name.description)
        card.add("status", host.statusCell)
        if host.isOnline == true { card.add("health", host.healthCell(at: now)) }
        card.add("version", info["version"]?.string ?? health?.version)
        card.add("protocol", info["protocol"]?.integer.map { "\($0)" })
        card.add("session", (info["session"] ?? health?.json["session"])?.string)
        card.add("generation", info["generation"]?.string)
        if host.isOnline == true { card.add("uptime", health?.uptime.map(Quantity.duration)) }
        card.add("system", info["os"]?.string)
        card.add("kernel", info["kernel"]?.string)
        card.add("architecture", info["arch"]?.string)
        card.add("cpus", (info["cpus"]?.integer ?? health?.cpus).map { "\($0)" })
        card.add("memory", (info["memory_total"]?.number ?? health?.memoryTotal).map(Quantity.bytes))
        for label in info["labels"]?.members ?? [] { card.add("label", "\(label.key)=\(ConfigText.text(label.value))") }
        for owner in info["owners"]?.members ?? [] {
            card.add("owner", "\(owner.key): \(ConfigText.text(owner.value))")
        }
        for driver in info["drivers"]?.members ?? [] { card.add("driver", self.driver(driver)) }
        for limit in info["limits"]?.members ?? [] { card.add("limit", self.limit(limit)) }
        return card
    }

    private static func driver(_ driver: JSON.Member) -> Cell {
        let report = driver.value
        if report["pending"]?.bool == true { return Cell("\(driver.key): being tried", .yellow) }
        guard report["available"]?.bool == true else {
            return Cell("\(driver.key): not available: \(report["reason"]?.string ?? "no reason given")", .faint)
        }
        let details = [report["note"]?.string, report["parked"]?.integer.map { "\($0) prestarted" }].compactMap(\.self)
        return Cell(([driver.key] + details).joined(separator: ", "), .green)
    }

    private static func limit(_ limit: JSON.Member) -> Cell {
        if let mechanism = limit.value["by"]?.string { return Cell("\(limit.key): by \(mechanism)") }
        return Cell("\(limit.key): has no effect: \(limit.value["reason"]?.string ?? "no reason given")", .faint)
    }

    /// The payload of `pm/<host>/info` with `host`, `status` and, if it is known, `session`.
    static func json(_ host: HostReport, _ info: JSON) -> JSON {
        var json: JSON = ["host": .string(host.name.description)]
        if let isOnline = host.isOnline { json = json.setting("status", isOnline ? "online" : "offline") }
        if let session = host.health?.json["session"] { json = json.setting("session", session) }
        for member in info.members ?? [] { json = json.setting(member) }
        return json
    }
}
