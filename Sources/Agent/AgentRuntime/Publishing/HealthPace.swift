import Model

/// How long the next health message may take: `health_interval` after a change, then twice as long each time, up to
/// `health_max_interval`, while nothing changes but measured values. Each message says it in `interval`.
struct HealthPace {
    private var least: Double
    private var most: Double
    private var latest: (reasons: [String], processes: ProcessCounts)?

    /// Seconds from the latest health message to the next.
    private(set) var interval: Double

    /// - Parameters: seconds.
    init(from least: Double, to most: Double) {
        (self.least, self.most) = (least, most)
        interval = least
    }

    /// Takes over changed settings. The interval begins anew.
    mutating func change(from least: Double, to most: Double) {
        guard (least, most) != (self.least, self.most) else { return }
        self = HealthPace(from: least, to: most)
    }

    /// Decides the interval after a message that is published now.
    mutating func publish(_ reasons: [String], _ processes: ProcessCounts) {
        let isUnchanged = latest.map { $0.reasons == reasons && $0.processes == processes } ?? false
        interval = isUnchanged ? min(interval * 2, most) : least
        latest = (reasons, processes)
    }

    /// The reasons of the latest message.
    var publishedReasons: [String] { latest?.reasons ?? [] }

    /// Whether changed counts are published before the next message is due.
    var hasTimeForCounts: Bool { interval >= Limits.healthRefresh }
}
