import JSONCodec
import Model

/// An event that an agent has published: `{"host","timestamp","level","event","message",…}`.
struct EventReport {
    let json: JSON
    let host: HostName
    let level: EventLevel
    /// The line of the host's log.
    let message: String
    /// Seconds since the epoch, by the host's clock.
    let timestamp: Double?

    /// - Parameter host: from the topic, on which only that host may publish.
    init(_ json: JSON, of host: HostName) {
        self.json = json
        self.host = host
        // A level of a later version counts as an error, so that it is not hidden.
        level = json["level"]?.string.map { EventLevel(rawValue: $0) ?? .error } ?? .info
        message = json["message"]?.string ?? json["event"]?.string ?? "an event without a message"
        timestamp = json["timestamp"]?.number.flatMap { Limits.times.contains($0) ? $0 : nil }
    }
}
