import LinuxSystem
import Model

/// What is known of one host.
struct HostReport {
    let name: HostName
    /// Nil when nothing was said on its status topic.
    var isOnline: Bool?
    var health: HealthReport?
    var processes: [Name: ProcessReport] = [:]
    /// When its health will have been silent for too long.
    var staleAt: Instant?
    /// Whether somebody was told so already.
    var isKnownStale = false

    init(_ name: HostName) { self.name = name }

    /// What its clock shows, as far as its latest health tells, in seconds since the epoch.
    ///
    /// - Parameter wallClock: the same of this machine's.
    func time(wallClock: Double) -> Double {
        guard let health, let said = health.timestamp else { return wallClock }
        return abs(wallClock - said) < health.lifetime ? wallClock : said
    }

    func isStale(at now: Instant) -> Bool { staleAt.map { $0 <= now } ?? false }

    /// An offline host is silent rightly.
    var canBecomeStale: Bool { isOnline == true && !isKnownStale }
}
