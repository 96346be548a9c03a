/// How what a process writes is to be followed.
package struct LogFollowing: Equatable, Sendable {
    /// Nil is both.
    package var stream: LogStream?
    /// How long, unless it is renewed.
    package var seconds: Double
    /// Whether lines come as records of both streams in order, with their times.
    package var asRecords = false
    /// What is wanted at once of what was written before.
    package var history: LogQuery?

    package init(stream: LogStream? = nil, seconds: Double = Limits.followTime) {
        self.stream = stream
        self.seconds = seconds
    }

    package var streams: [LogStream] { stream.map { [$0] } ?? LogStream.allCases }
}
