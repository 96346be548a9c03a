package import LinuxSystem
package import Model

/// Turns the output of a process into messages for clients that follow it. A message holds as many whole lines as fit.
/// Lines beyond the allowed rate are left out, and a line says how many. Following ends at ``expiry`` unless it is
/// renewed.
///
/// Lines wait until a message is full or ``flush(now:publish:)`` is called, so that a process that writes line by line
/// does not cause a message for each line. The caller flushes a short time after ``isWaiting`` has become true, and
/// repeats that while it is true.
package struct LogFollower: Sendable {
    /// Called with the payload of a message: lines with their newlines, as the process wrote them, not necessarily
    /// UTF-8.
    package typealias Publish = ([UInt8]) -> Void

    /// Formats a line for a message. The line has a newline unless it is the very last one. The result must not be
    /// longer.
    package typealias Format = @Sendable (_ line: ArraySlice<UInt8>, _ stream: LogStream) -> [UInt8]

    /// When following ends unless it is renewed.
    package private(set) var expiry: Instant
    private var bucket: TokenBucket
    /// Whole lines that wait to be published.
    private var message: [UInt8] = []
    private var lines: [LogStream: Line] = [:]
    private let format: Format?
    /// Lines left out since the last published one.
    private var skippedLines = 0
    /// Whether the rate was exceeded: then no line is published until the bucket allows a whole message.
    private var isThrottled = false

    /// The unfinished line of a stream.
    private struct Line {
        /// The beginning of the line.
        var bytes: [UInt8] = []
        /// Whether the rest of the line is left out.
        var isCutting = false
    }

    private static let cutMark = Array(" [pmqtt: cut]\n".utf8)
    private static let newline = UInt8(ascii: "\n")

    /// - Parameter format: nil: publish lines unchanged.
    package init(
        until expiry: Instant, rate: Int = Limits.followRate, format: Format? = nil, now: Instant = .now
    ) {
        self.expiry = expiry
        self.format = format
        // A smaller bucket could never hold a whole message, so nothing would be published again after throttling.
        let burst = max(Limits.followMessage, min(4 * rate, Limits.followBurst))
        bucket = TokenBucket(rate: rate, capacity: burst, now: now.seconds)
    }

    package func hasExpired(at now: Instant = .now) -> Bool { expiry <= now }

    /// Extends ``expiry`` at least to that time.
    package mutating func renew(until expiry: Instant) { self.expiry = max(self.expiry, expiry) }

    /// Whether there is something to flush.
    package var isWaiting: Bool { !message.isEmpty || skippedLines > 0 }

    /// Adds what was written to a stream, piece by piece; see ``LogWriter/Tap``.
    package mutating func add(
        _ bytes: ArraySlice<UInt8>, on stream: LogStream = .stdout, now: Instant = .now, publish: Publish
    ) {
        var line = lines.removeValue(forKey: stream) ?? Line()
        defer { lines[stream] = line }
        var rest = bytes
        while let end = rest.firstIndex(of: Self.newline) {
            add(part: rest[...end], to: &line, of: stream, now, publish)
            if line.isCutting { line.isCutting = false } else { pass(&line, of: stream, now, publish) }
            rest = rest[(end + 1)...]
        }
        add(part: rest, to: &line, of: stream, now, publish)
    }

    /// Publishes the waiting lines.
    package mutating func flush(now: Instant = .now, publish: Publish) {
        if skippedLines > 0, mayPass(0, now) { appendNotice(.stdout, publish) }
        send(publish)
    }

    /// Publishes everything at the end of the stream: unfinished lines, and how many were left out.
    package mutating func finish(now: Instant = .now, publish: Publish) {
        for stream in LogStream.allCases {
            guard var line = lines.removeValue(forKey: stream), !line.bytes.isEmpty else { continue }
            pass(&line, of: stream, now, publish)
        }
        if skippedLines > 0 { appendNotice(.stdout, publish) }
        lines = [:]
        send(publish)
    }

    /// Collects a line until its end; cuts it if it is longer than a message.
    private mutating func add(
        part: ArraySlice<UInt8>, to line: inout Line, of stream: LogStream, _ now: Instant, _ publish: Publish
    ) {
        guard !line.isCutting else { return }
        line.bytes += part
        guard line.bytes.count > Limits.followMessage else { return }
        line.bytes.removeLast(line.bytes.count - Limits.followMessage + Self.cutMark.count)
        line.bytes += Self.cutMark
        pass(&line, of: stream, now, publish)
        line.isCutting = true
    }

    /// The line is complete: publishes it, or leaves it out.
    private mutating func pass(_ line: inout Line, of stream: LogStream, _ now: Instant, _ publish: Publish) {
        defer { line.bytes.removeAll(keepingCapacity: line.bytes.capacity <= 1_024) }
        let shown = format?(line.bytes[...], stream) ?? line.bytes
        guard mayPass(shown.count, now) else {
            skippedLines += 1
            return
        }
        if skippedLines > 0 { appendNotice(stream, publish) }
        if message.count + shown.count > Limits.followMessage { send(publish) }
        message += shown
        bucket.spend(shown.count)
    }

    private mutating func mayPass(_ count: Int, _ now: Instant) -> Bool {
        isThrottled = !bucket.holds(isThrottled ? Limits.followMessage : count, at: now.seconds)
        return !isThrottled
    }

    private mutating func appendNotice(_ stream: LogStream, _ publish: Publish) {
        let line = Array("[pmqtt: \(skippedLines) lines not shown]\n".utf8)
        let notice = format?(line[...], stream) ?? line
        if message.count + notice.count > Limits.followMessage { send(publish) }
        message += notice
        skippedLines = 0
    }

    private mutating func send(_ publish: Publish) {
        guard !message.isEmpty else { return }
        publish(message)
        message = []
    }
}
