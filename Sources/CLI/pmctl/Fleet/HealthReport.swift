import JSONCodec
import Model

/// The health that a host published. Agents of other versions may leave fields out.
struct HealthReport {
    enum Status: String { case good, bad }

    let json: JSON
    let verdict: Status
    let reasons: [String]
    /// Seconds since the epoch.
    let timestamp: Double?
    /// Seconds.
    let uptime: Double?
    let version: String?
    /// Over 1, 5 and 15 minutes.
    let load: [Double]
    let cpus: Int?
    /// Bytes.
    let memoryTotal: Double?
    let memoryAvailable: Double?
    let running: Int?
    let failed: Int?
    let total: Int?
    /// Seconds without a new report after which the host is stale.
    let lifetime: Double

    /// Nil unless `health` is `good` or `bad`.
    init?(_ json: JSON) {
        guard let verdict = json["health"]?.string.flatMap(Status.init) else { return nil }
        self.json = json
        self.verdict = verdict
        reasons = json["reasons"]?.array?.compactMap(\.string) ?? []
        timestamp = json["timestamp"]?.number
        uptime = json["uptime"]?.number
        version = json["version"]?.string
        load = json["load"]?.array?.compactMap(\.number) ?? []
        cpus = json["cpus"]?.integer
        memoryTotal = json["memory_total"]?.number
        memoryAvailable = json["memory_available"]?.number
        let processes = json["processes"]
        running = processes?["running"]?.integer
        failed = processes?["failed"]?.integer
        total = processes?["total"]?.integer
        // Bounded, because a `Duration` cannot hold every number.
        let interval = json["interval"]?.number ?? Limits.healthInterval
        lifetime = min(max(interval, 0), 1e6) * Limits.staleIntervals
    }
}
