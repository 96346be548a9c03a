package import LinuxSystem
import Model

/// Turns what a process writes into messages for those who follow it: whole lines, as many as a message holds, and no more
/// than the broker should have to carry. What is too much is left out, and a line says so. It ends by itself when nobody
/// renews it.
///
/// Lines wait until a message is full or ``flush(now:publish:)`` is called, so that a process that writes line by line does
/// not cause a message a line. The caller flushes a short while after ``isWaiting`` has become true, and as long as it is.
package struct LogFollower: Sendable {
    /// Gets the payload of a message: lines with their newlines, as the process wrote them, whether UTF-8 or not.
    package typealias Publish = ([UInt8]) -> Void

    /// When it ends unless it is renewed.
    package private(set) var expiry: Instant
    private var bucket: TokenBucket
    /// Whole lines that wait.
    private var message: [UInt8] = []
    /// The beginning of a line.
    private var line: [UInt8] = []
    /// Lines left out since the last one that was not.
    private var skippedLines = 0
    /// Too much has come: nothing passes until a whole message may.
    private var isThrottled = false
    /// The rest of this line is left out.
    private var isCutting = false

    private static let cutMark = Array(" [pmqtt: cut]\n".utf8)
    private static let newline = UInt8(ascii: "\n")

    package init(until expiry: Instant, rate: Int = Limits.followRate, now: Instant = .now) {
        self.expiry = expiry
        // What could not hold a whole message would never pass one again.
        let burst = max(Limits.followMessage, min(4 * rate, Limits.followBurst))
        bucket = TokenBucket(rate: rate, capacity: burst, now: now.seconds)
    }

    package func hasExpired(at now: Instant = .now) -> Bool { expiry <= now }

    /// Somebody still wants it, until then at least.
    package mutating func renew(until expiry: Instant) { self.expiry = max(self.expiry, expiry) }

    /// Whether there is something to flush.
    package var isWaiting: Bool { !message.isEmpty || skippedLines > 0 }

    /// Takes what was written, each piece in turn; see ``LogWriter/Tap``.
    package mutating func add(_ bytes: ArraySlice<UInt8>, now: Instant = .now, publish: Publish) {
        var rest = bytes
        while let end = rest.firstIndex(of: Self.newline) {
            add(part: rest[...end], now, publish)
            if isCutting { isCutting = false } else { pass(now, publish) }
            rest = rest[(end + 1)...]
        }
        add(part: rest, now, publish)
    }

    /// Publishes what waits.
    package mutating func flush(now: Instant = .now, publish: Publish) {
        if skippedLines > 0, mayPass(0, now) { appendNotice(publish) }
        send(publish)
    }

    /// Publishes all that is left, when nothing will follow: a line without an end, and how many were left out.
    package mutating func finish(now: Instant = .now, publish: Publish) {
        if !line.isEmpty { pass(now, publish) }
        if skippedLines > 0 { appendNotice(publish) }
        isCutting = false
        send(publish)
    }

    /// A line is kept until its end has come; one that is longer than a message is cut.
    private mutating func add(part: ArraySlice<UInt8>, _ now: Instant, _ publish: Publish) {
        guard !isCutting else { return }
        line += part
        guard line.count > Limits.followMessage else { return }
        line.removeLast(line.count - Limits.followMessage + Self.cutMark.count)
        line += Self.cutMark
        pass(now, publish)
        isCutting = true
    }

    /// The line is whole: it is shown or not.
    private mutating func pass(_ now: Instant, _ publish: Publish) {
        defer { line.removeAll(keepingCapacity: line.capacity <= 1_024) }
        guard mayPass(line.count, now) else {
            skippedLines += 1
            return
        }
        if skippedLines > 0 { appendNotice(publish) }
        if message.count + line.count > Limits.followMessage { send(publish) }
        message += line
        bucket.spend(line.count)
    }

    private mutating func mayPass(_ count: Int, _ now: Instant) -> Bool {
        isThrottled = !bucket.holds(isThrottled ? Limits.followMessage : count, at: now.seconds)
        return !isThrottled
    }

    private mutating func appendNotice(_ publish: Publish) {
        let notice = Array("[pmqtt: \(skippedLines) lines not shown]\n".utf8)
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
