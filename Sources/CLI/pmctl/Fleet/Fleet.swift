import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// The state of every host, collected from the messages on the bus. Pure: messages and clocks come in as values.
struct Fleet {
    private var hosts: [HostName: HostReport] = [:]
    private var isHubOnline = false
    /// Whether the hub finds a host stale.
    private var judgements: [HostName: Bool] = [:]

    /// Sorted by name.
    var all: [HostReport] { hosts.values.sorted { $0.name < $1.name } }
    /// The hosts with a status, sorted by name. Of others, only leftovers are there.
    var known: [HostReport] { all.filter { $0.isOnline != nil } }
    var names: [HostName] { hosts.keys.sorted() }

    subscript(host: HostName) -> HostReport? { hosts[host] }

    /// Applies a message. A message that reports no status, health or process of a host changes nothing.
    ///
    /// - Parameters:
    ///   - now: when the message arrived.
    ///   - wallClock: the same in seconds since the epoch, to tell the age of a retained message from its timestamp.
    @discardableResult
    mutating func absorb(_ message: Message, at now: Instant, wallClock: Double) -> Change? {
        switch Topic(message.topic) {
        case .status(let host): return absorb(status: message.text, of: host)
        case .health(let host): return absorb(health: message, of: host, at: now, wallClock: wallClock)
        case .process(let host, let id) where message.payload.isEmpty: return forget(id, of: host)
        case .process(let host, let id):
            return message.json.flatMap(ProcessReport.init).map { absorb($0, as: id, of: host) }
        case .info(let host): absorb(info: message.json, of: host)
        case .hubHost(let host): absorb(judgement: message.json, of: host)
        case .hub(.status): absorb(hubStatus: message.text)
        default: break
        }
        return nil
    }

    private mutating func absorb(info json: JSON?, of host: HostName) {
        hosts[host, default: HostReport(host)].absorb(info: json)
    }

    private mutating func absorb(judgement json: JSON?, of host: HostName) {
        judgements[host] = json?["stale"]?.bool
        judge(host)
    }

    /// What a hub that has gone left with the broker does not count.
    private mutating func absorb(hubStatus: String) {
        isHubOnline = hubStatus == "online"
        for host in hosts.keys { judge(host) }
    }

    private mutating func judge(_ host: HostName) { hosts[host]?.isStaleForHub = isHubOnline ? judgements[host] : nil }

    private mutating func absorb(health message: Message, of host: HostName, at now: Instant, wallClock: Double)
        -> Change?
    {
        guard let health = message.json.flatMap(HealthReport.init) else { return nil }
        let offset = health.timestamp.map { $0 - wallClock }
        let age = message.isRetained ? max(0, -(offset ?? 0)) : 0
        let old = hosts[host]
        // Sent again after a reconnect: the host is as stale as before.
        if message.isRetained, let said = health.timestamp, old?.health?.timestamp == said {
            return Change(host, .health(health), isNews: false)
        }
        var report = old ?? HostReport(host)
        report.health = health
        report.healthOffset = offset
        report.isHealthLive = !message.isRetained
        report.staleAt = now + .seconds(health.lifetime - age)
        report.isKnownStale = false
        hosts[host] = report
        judge(host)
        let isNews = old?.isKnownStale == true || old?.health?.verdict != health.verdict
        return Change(host, .health(health), isNews: isNews || old?.health?.reasons != health.reasons)
    }

    private mutating func absorb(status: String, of host: HostName) -> Change? {
        guard status == "online" || status == "offline" else {
            // The retained status was cleared: the host was removed from the fleet.
            hosts[host]?.isOnline = nil
            return nil
        }
        let isOnline = status == "online"
        let old = hosts[host]?.isOnline
        hosts[host, default: HostReport(host)].isOnline = isOnline
        judge(host)
        return Change(host, .status(isOnline: isOnline), isNews: old != isOnline)
    }

    private mutating func absorb(_ process: ProcessReport, as id: Name, of host: HostName) -> Change {
        let old = hosts[host, default: HostReport(host)].processes.updateValue(process, forKey: id)
        return Change(host, .process(id, process), isNews: old?.state != process.state || old?.pid != process.pid)
    }

    private mutating func forget(_ id: Name, of host: HostName) -> Change? {
        guard hosts[host]?.processes.removeValue(forKey: id) != nil else { return nil }
        return Change(host, .forgotten(id), isNews: true)
    }

    // MARK: Silence

    /// When the next online host becomes stale, if it stays silent.
    var nextStale: Instant? { hosts.values.filter(\.canBecomeStaleByTime).compactMap(\.staleAt).min() }

    /// The hosts that have become stale since the last call.
    mutating func takeStale(at now: Instant) -> [Change] {
        let stale = all.filter { $0.canBecomeStale && $0.isStale(at: now) }
        for host in stale { hosts[host.name]?.isKnownStale = true }
        return stale.map { Change($0.name, .stale, isNews: true) }
    }

    // MARK: Errors

    static func unknown(_ host: some CustomStringConvertible, among names: [HostName]) -> String {
        if let near = Suggestion.nearest(to: host.description, among: names.map(\.description)) {
            return "no such host: \(host), did you mean \(near)?"
        }
        let list = names.prefix(8).map(\.description).joined(separator: ", ")
        let known = names.isEmpty ? "the broker knows no hosts" : "hosts: \(list)\(names.count > 8 ? ", …" : "")"
        return "no such host: \(host) (\(known))"
    }
}
