import JSONCodec
import LinuxSystem
import Model

/// What is known of one host.
struct HostReport {
    let name: HostName
    /// Nil if its status topic holds no status.
    var isOnline: Bool?
    var health: HealthReport?
    /// From its info, as is ``version``.
    private(set) var labels: [Label] = []
    /// The version of its agent.
    private(set) var version: String?
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

    /// Whether its agent takes requests that only read on a topic of their own: since 0.3.
    var hasWatchTopic: Bool {
        let numbers = (version ?? "").split(separator: ".").map { Int($0) ?? 0 }
        return numbers.count > 1 && (numbers[0] > 0 || numbers[1] >= 3)
    }

    /// - Parameter info: the content of its info topic; nil if that is cleared.
    mutating func absorb(info: JSON?) {
        version = info?["version"]?.string
        labels = (info?["labels"]?.members ?? []).compactMap { member in
            member.value.string.map { Label(name: member.key, value: $0) }
        }
    }

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

    /// Why a script may want to know of it: nil while it is online with good health.
    func ill(at now: Instant) -> ExitReason? {
        guard isOnline == true else { return .offline }
        return health?.verdict == .good && !isStale(at: now) ? nil : .badHealth
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
