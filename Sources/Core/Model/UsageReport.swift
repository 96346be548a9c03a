/// A message on `pm/<host>/usage`.
package struct UsageReport: Equatable, Sendable {
    package var host: HostName
    /// Seconds since the epoch.
    package var timestamp: Double
    /// Seconds to the next message.
    package var interval: Double
    package var processes: [Name: ProcessUsage]

    package init(host: HostName, timestamp: Double, interval: Double, processes: [Name: ProcessUsage]) {
        self.host = host
        self.timestamp = timestamp
        self.interval = interval
        self.processes = processes
    }

    /// The processes by their share of the processor time plus their share of the memory that all use, largest first.
    package var bySize: [(id: Name, usage: ProcessUsage)] {
        let time = max(processes.values.reduce(0) { $0 + ($1.cpuSeconds ?? 0) }, .leastNormalMagnitude)
        let memory = Double(max(processes.values.reduce(0) { $0 + ($1.memory ?? 0) }, 1))
        func size(_ usage: ProcessUsage) -> Double {
            (usage.cpuSeconds ?? 0) / time + Double(usage.memory ?? 0) / memory
        }
        return processes.map { (id: $0, usage: $1, size: size($1)) }
            .sorted { ($0.size, $1.id) > ($1.size, $0.id) }.map { ($0.id, $0.usage) }
    }
}
