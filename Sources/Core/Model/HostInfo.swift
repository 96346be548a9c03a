/// What a host is and can do: what `pm/<host>/info` retains.
package struct HostInfo: Equatable, Sendable {
    package var host: HostName
    package var version: String
    package var protocolVersion: Int
    package var drivers: [DriverReport]
    package var labels: [Label]
    package var limits: [LimitReport]
    /// Which run of a node or VM this is.
    package var generation: String?

    package init(
        host: HostName, version: String, protocolVersion: Int, drivers: [DriverReport], labels: [Label],
        limits: [LimitReport] = [], generation: String? = nil
    ) {
        self.host = host
        self.version = version
        self.protocolVersion = protocolVersion
        self.drivers = drivers
        self.labels = labels
        self.limits = limits
        self.generation = generation
    }
}

/// A driver's own word on whether it works on this machine, tried for real.
package struct DriverReport: Equatable, Sendable {
    package var name: String
    /// Nil when it works; else why it does not.
    package var reason: String?
    /// Whether that is still being found out: it may work in a moment.
    package var isPending: Bool

    /// By which means it works, for people.
    package var note: String?

    /// Processes that it has ready before anybody wants them; nil when it is to have none.
    package var parked: Int?

    package init(name: String, reason: String? = nil, isPending: Bool = false, note: String? = nil) {
        self.name = name
        self.reason = reason
        self.isPending = isPending
        self.note = note
    }
}

package struct Label: Equatable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
