/// What a host is and can do: the retained payload of `pm/<host>/info`.
package struct HostInfo: Equatable, Sendable {
    package var host: HostName
    package var version: String
    package var protocolVersion: Int
    package var drivers: [DriverReport]
    package var labels: [Label]
    package var limits: [LimitReport]
    /// Identifies the run of a node or VM.
    package var generation: String?
    package var system: SystemDescription?

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

/// Whether a driver works on this host, as the driver found by trying.
package struct DriverReport: Equatable, Sendable {
    package var name: String
    /// Why it does not work; nil when it works.
    package var reason: String?
    /// Whether the driver is still being tried, so that it may become available.
    package var isPending: Bool

    /// How it works, for people.
    package var note: String?

    /// Number of prestarted processes; nil when none are configured.
    package var prestarted: Int?

    package init(name: String, reason: String? = nil, isPending: Bool = false, note: String? = nil) {
        self.name = name
        self.reason = reason
        self.isPending = isPending
        self.note = note
    }
}

package struct Label: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
