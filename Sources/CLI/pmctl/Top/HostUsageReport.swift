import JSONCodec
import Model

/// A message on `pm/<host>/usage`.
struct HostUsageReport {
    /// Seconds since the epoch, by the host's clock.
    let timestamp: Double
    let processes: [String: Usage]
    /// Whether processes that use little are left out.
    let isTruncated: Bool

    /// Nil unless it has a timestamp.
    init?(_ json: JSON) {
        guard let timestamp = json["timestamp"]?.number else { return nil }
        self.timestamp = timestamp
        let members = json["processes"]?.members ?? []
        processes = Dictionary(members.map { ($0.key, Usage($0.value)) }) { first, _ in first }
        isTruncated = json["truncated"]?.bool ?? false
    }
}
