/// The last lines a process has written, the oldest first, without their line ends.
package struct LogExcerpt: Equatable, Sendable {
    /// Nil when nobody asked for this stream.
    package var stdout: [String]?
    package var stderr: [String]?
    /// Whether lines that were asked for are missing because the answer would have become too large.
    package var isTruncated: Bool

    package init(stdout: [String]? = nil, stderr: [String]? = nil, isTruncated: Bool = false) {
        self.stdout = stdout
        self.stderr = stderr
        self.isTruncated = isTruncated
    }
}
