/// The health of one of pm-cluster's two services: what `pm/cluster/<kind>/health` retains and `get_health` answers.
package struct ClusterHealth: Equatable, Sendable {
    package var kind: InstanceKind
    /// Why the health is bad; empty means good.
    package var reasons: [String]
    /// Seconds since the epoch.
    package var timestamp: Double
    /// Maximum number of seconds until the next health message.
    package var interval: Double
    /// Nodes or VMs by their state.
    package var counts: [InstanceState: Int]
    /// Number of online hosts; ``hostsAvailable`` counts those of them that can take another node or VM.
    package var hostsOnline: Int
    package var hostsAvailable: Int
    package var version: String

    package init(
        kind: InstanceKind, reasons: [String], timestamp: Double, interval: Double, counts: [InstanceState: Int],
        hostsOnline: Int, hostsAvailable: Int, version: String
    ) {
        self.kind = kind
        self.reasons = reasons
        self.timestamp = timestamp
        self.interval = interval
        self.counts = counts
        self.hostsOnline = hostsOnline
        self.hostsAvailable = hostsAvailable
        self.version = version
    }
}
