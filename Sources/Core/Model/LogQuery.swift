/// Which part of a process's output is requested.
package struct LogQuery: Hashable, Sendable {
    /// Maximum number of lines: the last ones, or with ``after`` the first ones; per stream, or with ``isMerged`` in
    /// total.
    package var lines: Int
    /// Nil means both streams.
    package var stream: LogStream?
    /// Only lines since then, in seconds since the epoch.
    package var since: Double?
    /// Whether each line comes with its time.
    package var hasTimes = false
    /// Whether both streams are merged into one list.
    package var isMerged = false
    /// Positions from an earlier answer; the lines after them are requested. A stream without a position starts at its
    /// beginning.
    package var after: [LogStream: String]?
    /// Whether the answer contains the position of its end. An incomplete last line is then left out, because more of
    /// it may follow.
    package var hasPosition = false

    package init(lines: Int = Limits.logLines, stream: LogStream? = nil) {
        self.lines = lines
        self.stream = stream
    }

    package var streams: [LogStream] { stream.map { [$0] } ?? LogStream.allCases }
}
