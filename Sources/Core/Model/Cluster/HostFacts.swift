/// The part of `pm/<host>/info` that pm-cluster needs for placing instances.
package struct HostFacts: Equatable, Sendable {
    package var drivers: [DriverReport]
    /// Identifies the run of a node or VM; nil for a host that is not an instance.
    package var generation: String?

    package init(drivers: [DriverReport], generation: String?) {
        self.drivers = drivers
        self.generation = generation
    }
}

/// The part of `pm/<host>/health` that pm-cluster needs for placing instances.
package struct HostLoad: Equatable, Sendable {
    /// Load average over one minute.
    package var load: Double
    package var cpus: Int
    /// Bytes.
    package var memoryAvailable: Int?
    package var memoryTotal: Int?
    /// Seconds until the next health message.
    package var interval: Double
    /// Changes at each start of the host's agent.
    package var session: String?
    /// Increases within a session.
    package var sequence: Double

    package init(
        load: Double, cpus: Int, memoryAvailable: Int?, memoryTotal: Int? = nil, interval: Double, session: String?,
        sequence: Double = 0
    ) {
        self.sequence = sequence
        self.memoryTotal = memoryTotal
        self.load = load
        self.cpus = cpus
        self.memoryAvailable = memoryAvailable
        self.interval = interval
        self.session = session
    }
}
