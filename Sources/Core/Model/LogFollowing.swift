/// The options of `follow_log`.
package struct LogFollowing: Equatable, Sendable {
    /// Nil means both streams.
    package var stream: LogStream?
    /// Duration unless it is renewed.
    package var seconds: Double
    /// Whether lines come as records of both streams in order, with their times.
    package var asRecords = false
    /// Which earlier lines the answer is to contain.
    package var history: LogQuery?

    package init(stream: LogStream? = nil, seconds: Double = Limits.followTime) {
        self.stream = stream
        self.seconds = seconds
    }

    package var streams: [LogStream] { stream.map { [$0] } ?? LogStream.allCases }
}
