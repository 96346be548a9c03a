/// Lines that a process has written, the oldest first, without their line ends.
package struct LogExcerpt: Equatable, Sendable {
    /// Nil when nobody asked for this stream.
    package var stdout: [LogLine]?
    package var stderr: [LogLine]?
    /// Both streams in one list, where that was asked for; then these are nil.
    package var merged: [LogLine]?
    /// Whether each line is told with its time.
    package var hasTimes = false
    /// Whether lines that were asked for are missing because the answer would have become too large.
    package var isTruncated: Bool
    /// Whether more lines follow than were asked for or had room.
    package var hasMore = false
    /// Whether what followed the place that was asked for is there no more.
    package var hasGap = false
    /// Behind the lines; empty where nothing was ever written. Nil when that was not asked for.
    package var position: [LogStream: String]?

    package init(stdout: [LogLine]? = nil, stderr: [LogLine]? = nil, isTruncated: Bool = false) {
        self.stdout = stdout
        self.stderr = stderr
        self.isTruncated = isTruncated
    }
}
