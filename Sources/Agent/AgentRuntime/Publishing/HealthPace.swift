import Model

/// The time from one health message to the next: `health_interval` after a change, then twice as long each time, up to
/// `health_max_interval`, while nothing changes but measured values. Each message says it in `interval`.
struct HealthPace {
    private let least: Double
    private let most: Double
    private var latest: (reasons: [String], processes: ProcessCounts)?

    /// Seconds from the latest health message to the next.
    private(set) var interval: Double

    /// - Parameters:
    ///   - least: seconds after a change.
    ///   - most: seconds at most.
    init(from least: Double, to most: Double) {
        (self.least, self.most) = (least, most)
        interval = least
    }

    /// Takes over changed settings. The interval begins anew.
    mutating func change(from least: Double, to most: Double) {
        guard (least, most) != (self.least, self.most) else { return }
        self = HealthPace(from: least, to: most)
    }

    /// Notes what the message says that is published now, and decides the interval after it.
    mutating func note(_ reasons: [String], _ processes: ProcessCounts) {
        let isUnchanged = latest.map { $0.reasons == reasons && $0.processes == processes } ?? false
        interval = isUnchanged ? min(interval * 2, most) : least
        latest = (reasons, processes)
    }

    /// The reasons of the latest message.
    var publishedReasons: [String] { latest?.reasons ?? [] }

    /// Whether changed process counts are worth a message of their own before the next one is due.
    var allowsMessageForCounts: Bool { interval >= Limits.healthRefresh }
}
