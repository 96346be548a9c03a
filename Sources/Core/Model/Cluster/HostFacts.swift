/// What a host says of itself on `pm/<host>/info`, as far as who places something needs it.
package struct HostFacts: Equatable, Sendable {
    package var drivers: [DriverReport]
    /// Which run of a node or VM it is; nil for a host of its own.
    package var generation: String?

    package init(drivers: [DriverReport], generation: String?) {
        self.drivers = drivers
        self.generation = generation
    }
}

/// What a host says on `pm/<host>/health`, likewise.
package struct HostLoad: Equatable, Sendable {
    /// Over one minute.
    package var load: Double
    package var cpus: Int
    /// Bytes.
    package var memoryAvailable: Int?
    package var memoryTotal: Int?
    /// Seconds until the next one.
    package var interval: Double
    /// Different after each start of its agent.
    package var session: String?

    package init(
        load: Double, cpus: Int, memoryAvailable: Int?, memoryTotal: Int? = nil, interval: Double, session: String?
    ) {
        self.memoryTotal = memoryTotal
        self.load = load
        self.cpus = cpus
        self.memoryAvailable = memoryAvailable
        self.interval = interval
        self.session = session
    }
}
