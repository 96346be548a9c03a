/// Lines of a process's output, the oldest first, without their line ends.
package struct LogExcerpt: Equatable, Sendable {
    /// Nil when this stream was not requested.
    package var stdout: [LogLine]?
    package var stderr: [LogLine]?
    /// Both streams in one list, if requested; then `stdout` and `stderr` are nil.
    package var merged: [LogLine]?
    /// Whether each line comes with its time.
    package var hasTimes = false
    /// Whether requested lines are missing because the answer would have become too large.
    package var isTruncated: Bool
    /// Whether more lines follow than were requested or fit.
    package var hasMore = false
    /// Whether lines after the requested position have been deleted meanwhile.
    package var hasGap = false
    /// The position after the last line; empty when nothing was ever written. Nil when it was not requested.
    package var position: [LogStream: String]?

    package init(stdout: [LogLine]? = nil, stderr: [LogLine]? = nil, isTruncated: Bool = false) {
        self.stdout = stdout
        self.stderr = stderr
        self.isTruncated = isTruncated
    }
}
