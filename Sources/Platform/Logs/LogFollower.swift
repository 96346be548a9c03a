package import LinuxSystem
package import Model

/// Turns what a process writes into messages for those who follow it: whole lines, as many as a message holds, and no more
/// than the broker should have to carry. What is too much is left out, and a line says so. It ends by itself when nobody
/// renews it.
///
/// Lines wait until a message is full or ``flush(now:publish:)`` is called, so that a process that writes line by line does
/// not cause a message a line. The caller flushes a short while after ``isWaiting`` has become true, and as long as it is.
package struct LogFollower: Sendable {
    /// Gets the payload of a message: lines with their newlines, as the process wrote them, whether UTF-8 or not.
    package typealias Publish = ([UInt8]) -> Void

    /// What a line, which has its newline unless it is the last one of all, is to be in a message: no longer than that.
    package typealias Format = @Sendable (_ line: ArraySlice<UInt8>, _ stream: LogStream) -> [UInt8]

    /// When it ends unless it is renewed.
    package private(set) var expiry: Instant
    private var bucket: TokenBucket
    /// Whole lines that wait.
    private var message: [UInt8] = []
    private var lines: [LogStream: Line] = [:]
    private let format: Format?
    /// Lines left out since the last one that was not.
    private var skippedLines = 0
    /// Too much has come: nothing passes until a whole message may.
    private var isThrottled = false

    /// The line that a stream is at.
    private struct Line {
        /// Its beginning.
        var bytes: [UInt8] = []
        /// The rest of it is left out.
        var isCutting = false
    }

    private static let cutMark = Array(" [pmqtt: cut]\n".utf8)
    private static let newline = UInt8(ascii: "\n")

    /// - Parameter format: nil publishes lines as they are.
    package init(
        until expiry: Instant, rate: Int = Limits.followRate, format: Format? = nil, now: Instant = .now
    ) {
        self.expiry = expiry
        self.format = format
        // What could not hold a whole message would never pass one again.
        let burst = max(Limits.followMessage, min(4 * rate, Limits.followBurst))
        bucket = TokenBucket(rate: rate, capacity: burst, now: now.seconds)
    }

    package func hasExpired(at now: Instant = .now) -> Bool { expiry <= now }

    /// Somebody still wants it, until then at least.
    package mutating func renew(until expiry: Instant) { self.expiry = max(self.expiry, expiry) }

    /// Whether there is something to flush.
    package var isWaiting: Bool { !message.isEmpty || skippedLines > 0 }

    /// Takes what was written to a stream, each piece in turn; see ``LogWriter/Tap``.
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

    /// Publishes what waits.
    package mutating func flush(now: Instant = .now, publish: Publish) {
        if skippedLines > 0, mayPass(0, now) { appendNotice(.stdout, publish) }
        send(publish)
    }

    /// Publishes all that is left, when nothing will follow: lines without an end, and how many were left out.
    package mutating func finish(now: Instant = .now, publish: Publish) {
        for stream in LogStream.allCases {
            guard var line = lines.removeValue(forKey: stream), !line.bytes.isEmpty else { continue }
            pass(&line, of: stream, now, publish)
        }
        if skippedLines > 0 { appendNotice(.stdout, publish) }
        lines = [:]
        send(publish)
    }

    /// A line is kept until its end has come; one that is longer than a message is cut.
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

    /// The line is whole: it is shown or not.
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
