import LinuxSystem
import Model

/// What is known of one host.
struct HostReport {
    let name: HostName
    /// Nil if its status topic holds no status.
    var isOnline: Bool?
    var health: HealthReport?
    var processes: [Name: ProcessReport] = [:]
    /// When the host becomes stale unless it reports its health again.
    var staleAt: Instant?
    /// Whether its staleness was already reported as a change.
    var isKnownStale = false

    init(_ name: HostName) { self.name = name }

    /// The host's clock in seconds since the epoch, estimated from its latest health report.
    ///
    /// - Parameter wallClock: the local clock, in seconds since the epoch. It is the result unless the two differ by
    ///   more than the report's lifetime.
    func time(wallClock: Double) -> Double {
        guard let health, let said = health.timestamp else { return wallClock }
        return abs(wallClock - said) < health.lifetime ? wallClock : said
    }

    func isStale(at now: Instant) -> Bool { staleAt.map { $0 <= now } ?? false }

    /// An offline host is expected to be silent.
    var canBecomeStale: Bool { isOnline == true && !isKnownStale }
}
