/// A line that a process has written, without its line end.
package struct LogLine: Equatable, Sendable {
    package var stream: LogStream
    package var text: String
    /// When its end came, in seconds since the epoch to the millisecond; nil when that is not known.
    package var time: Double?

    package init(_ text: String, on stream: LogStream, at time: Double? = nil) {
        self.stream = stream
        self.text = text
        self.time = time
    }
}
