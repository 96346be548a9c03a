/// A host's health: what `pm/<host>/health` retains and `get_health` answers.
package struct Health: Equatable, Sendable {
    package var host: HostName
    /// Why the host's health is bad; empty means good.
    package var reasons: [String]
    /// Seconds since the epoch.
    package var timestamp: Double
    /// Maximum number of seconds until the next health message.
    package var interval: Double
    /// Increases within a session.
    package var sequence: Int
    /// Changes at each start of the agent.
    package var session: String
    /// Seconds since the agent started.
    package var uptime: Double
    package var version: String
    package var system: SystemLoad
    package var processes: ProcessCounts
    package var agent: AgentUsage

    package var isGood: Bool { reasons.isEmpty }

    package init(
        host: HostName, reasons: [String], timestamp: Double, interval: Double, sequence: Int, session: String,
        uptime: Double, version: String, system: SystemLoad, processes: ProcessCounts, agent: AgentUsage
    ) {
        self.host = host
        self.reasons = reasons
        self.timestamp = timestamp
        self.interval = interval
        self.sequence = sequence
        self.session = session
        self.uptime = uptime
        self.version = version
        self.system = system
        self.processes = processes
        self.agent = agent
    }
}

/// Load and memory of the whole host.
package struct SystemLoad: Equatable, Sendable {
    /// Load averages over 1, 5 and 15 minutes.
    package var load: [Double]
    package var cpus: Int
    /// Bytes.
    package var memoryTotal: Int
    package var memoryAvailable: Int

    package init(load: [Double], cpus: Int, memoryTotal: Int, memoryAvailable: Int) {
        self.load = load
        self.cpus = cpus
        self.memoryTotal = memoryTotal
        self.memoryAvailable = memoryAvailable
    }
}

package struct ProcessCounts: Equatable, Sendable {
    package var running = 0
    package var failed = 0
    package var total = 0

    package init(running: Int = 0, failed: Int = 0, total: Int = 0) {
        self.running = running
        self.failed = failed
        self.total = total
    }
}

/// Resources used by the agent's worker.
package struct AgentUsage: Equatable, Sendable {
    /// Bytes.
    package var residentMemory: Int
    package var cpuSeconds: Double

    package init(residentMemory: Int, cpuSeconds: Double) {
        self.residentMemory = residentMemory
        self.cpuSeconds = cpuSeconds
    }
}
