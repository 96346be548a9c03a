/// What somebody wants to see of what a process has written.
package struct LogQuery: Hashable, Sendable {
    /// The last so many, of each stream.
    package var lines: Int
    /// Nil is both.
    package var stream: LogStream?

    package init(lines: Int = Limits.logLines, stream: LogStream? = nil) {
        self.lines = lines
        self.stream = stream
    }

    package func includes(_ stream: LogStream) -> Bool { self.stream == nil || self.stream == stream }
}
