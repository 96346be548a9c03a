/// A line of a process's output, without its line end.
package struct LogLine: Equatable, Sendable {
    package var stream: LogStream
    package var text: String
    /// When the line was completed, in seconds since the epoch to the millisecond; nil when unknown.
    package var time: Double?

    package init(_ text: String, on stream: LogStream, at time: Double? = nil) {
        self.stream = stream
        self.text = text
        self.time = time
    }
}
