import JSONCodec
import LinuxSystem
import Logs
import Model
import Wire

/// Publishes what a process writes, until it is no longer renewed.
final class Follower {
    private var follower: LogFollower
    private let loop: EventLoop
    private let publish: LogFollower.Publish
    private var flushTimer: TimerID?
    private var expiryTimer: TimerID?

    /// - Parameters:
    ///   - rate: bytes a second.
    ///   - asRecords: whether to publish lines as JSON objects with their times.
    ///   - expired: called when the time has passed without a renewal.
    init(
        seconds: Double, rate: Int, asRecords: Bool = false, loop: EventLoop,
        publish: @escaping LogFollower.Publish, expired: @escaping () -> Void
    ) {
        self.loop = loop
        self.publish = publish
        follower = LogFollower(
            until: .now + .seconds(seconds), rate: rate, format: asRecords ? Self.record : nil)
        watchExpiry(expired)
    }

    deinit {
        loop.cancel(flushTimer)
        loop.cancel(expiryTimer)
    }

    func renew(seconds: Double) { follower.renew(until: .now + .seconds(seconds)) }

    private func watchExpiry(_ expired: @escaping () -> Void) {
        expiryTimer = loop.after(max(.zero, follower.expiry - .now)) { [weak self] in
            guard let self else { return }
            if follower.hasExpired() { expired() } else { watchExpiry(expired) }
        }
    }

    func see(_ bytes: ArraySlice<UInt8>, on stream: LogStream) {
        follower.add(bytes, on: stream, publish: publish)
        scheduleFlush()
    }

    func finish() { follower.finish(publish: publish) }

    private func scheduleFlush() {
        guard follower.isWaiting, flushTimer == nil else { return }
        flushTimer = loop.after(.seconds(Limits.followDelay)) { [weak self] in
            guard let self else { return }
            flushTimer = nil
            follower.flush(publish: publish)
            scheduleFlush()
        }
    }

    /// `{"time":…,"stream":"stdout","line":"…"}` and a newline; the line is cut where the message would be too long.
    @Sendable private static func record(_ line: ArraySlice<UInt8>, _ stream: LogStream) -> [UInt8] {
        let bytes = line.last == UInt8(ascii: "\n") ? line.dropLast() : line
        var record = LogLine(LogText.text(of: bytes), on: stream, at: WallClock.now)
        var printed = record.record(hasTime: true).printed()
        if printed.count >= Limits.followMessage {
            record.text = LogText.text(of: bytes.prefix(Limits.followMessage / 8)) + " [pmqtt: cut]"
            printed = record.record(hasTime: true).printed()
        }
        return printed + [UInt8(ascii: "\n")]
    }
}
