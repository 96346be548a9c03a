import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// What `pmctl top` knows. Pure: messages, clocks and the order come in as values.
struct TopModel {
    /// One process.
    struct Row {
        let host: HostName
        /// Whether its host is online and not stale.
        let isKnown: Bool
        let process: ProcessReport
        let usage: Usage?
        /// Processors in use since the report before; nil before there are two reports.
        let cpu: Double?
        /// Seconds.
        let uptime: Double?
    }

    private struct HostUsage {
        var latest: HostUsageReport
        var previous: HostUsageReport?

        func cpu(of id: String) -> Double? {
            guard let previous, let now = latest.processes[id]?.cpuSeconds, latest.timestamp > previous.timestamp,
                let before = previous.processes[id]?.cpuSeconds
            else { return nil }
            // Less than before: it was restarted in between.
            return now < before ? nil : (now - before) / (latest.timestamp - previous.timestamp)
        }
    }

    private(set) var fleet = Fleet()
    private var usages: [HostName: HostUsage] = [:]
    /// The hosts whose agents do not know `follow_usage`.
    var tooOld: Set<HostName> = []

    mutating func absorb(_ message: Message, at now: Instant, wallClock: Double) {
        guard case .usage(let host) = Topic(message.topic) else {
            fleet.absorb(message, at: now, wallClock: wallClock)
            if case .status(let host) = Topic(message.topic), message.text != "online" { usages[host] = nil }
            return
        }
        guard let report = message.json.flatMap(HostUsageReport.init) else { return }
        usages[host] = HostUsage(latest: report, previous: usages[host]?.latest)
    }

    /// Whether CPU times of the host can be shown: there are two reports, or there will be none.
    func isComplete(_ host: HostName) -> Bool {
        usages[host]?.previous != nil || tooOld.contains(host) || fleet[host]?.isOnline != true
    }

    /// The hosts with a status.
    var hosts: [HostReport] { fleet.known }

    /// The processors that all processes of a host use.
    func cpu(of host: HostName) -> Double? {
        guard let usage = usages[host], usage.previous != nil else { return nil }
        return usage.latest.processes.keys.reduce(0) { $0 + (usage.cpu(of: $1) ?? 0) }
    }

    /// The processes that have not ended, in order.
    func rows(by order: TopOrder, at now: Instant, wallClock: Double) -> [Row] {
        hosts.filter { $0.isOnline == true }.flatMap { host in
            let hostTime = host.time(wallClock: wallClock)
            return host.processes.values.filter { !$0.isEnded }.map { process in
                Row(
                    host: host.name, isKnown: !host.isStale(at: now), process: process,
                    usage: usages[host.name]?.latest.processes[process.id],
                    cpu: usages[host.name]?.cpu(of: process.id), uptime: process.uptime(wallClock: hostTime))
            }
        }.sorted(by: order.precedes)
    }
}
