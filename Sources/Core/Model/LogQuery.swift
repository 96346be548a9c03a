/// What of a process's output is wanted.
package struct LogQuery: Hashable, Sendable {
    /// How many at most: the last ones, or with ``after`` the first; of each stream, or with ``isMerged`` of both.
    package var lines: Int
    /// Nil is both.
    package var stream: LogStream?
    /// Only what came since then: seconds since the epoch.
    package var since: Double?
    /// Whether each line is told with its time.
    package var hasTimes = false
    /// Whether both streams come in one list.
    package var isMerged = false
    /// Places as an earlier answer told them: what follows is wanted. A stream that is not in it is wanted from its beginning.
    package var after: [LogStream: String]?
    /// Whether it is told where the lines end; a line without an end, of which more may come, is left out then.
    package var hasPosition = false

    package init(lines: Int = Limits.logLines, stream: LogStream? = nil) {
        self.lines = lines
        self.stream = stream
    }

    package var streams: [LogStream] { stream.map { [$0] } ?? LogStream.allCases }
}
