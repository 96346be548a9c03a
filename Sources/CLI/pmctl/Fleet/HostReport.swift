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
    /// Whether the latest health report arrived when it was sent, and not later as a retained message.
    var isHealthLive = false
    /// The report's timestamp less the local time of its arrival, in seconds.
    var healthOffset: Double?
    /// Whether the hub finds it stale. The hub judges by when health arrives; nil without a hub.
    var isStaleForHub: Bool?
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

    /// A retained report counts by its timestamp, which is that of the host's clock, unless a hub knows better.
    func isStale(at now: Instant) -> Bool {
        if !isHealthLive, let isStaleForHub { return isStaleForHub }
        return staleAt.map { $0 <= now } ?? false
    }

    /// By how many seconds the host's clock is ahead of the local one, or behind it (negative); nil if that is little or
    /// unknown.
    var clockSkew: Double? {
        guard let health, let offset = healthOffset, abs(offset) >= Limits.clockSkewShown else { return nil }
        if isHealthLive || offset > 0 { return offset }
        // A retained report may just be old, unless the hub has heard another one since.
        return isStaleForHub == false && -offset > health.lifetime ? offset : nil
    }

    /// Of a host that the hub judges, a message says it.
    var canBecomeStaleByTime: Bool { canBecomeStale && (isHealthLive || isStaleForHub == nil) }

    /// An offline host is expected to be silent.
    var canBecomeStale: Bool { isOnline == true && !isKnownStale }
}
