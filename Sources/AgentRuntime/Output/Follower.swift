import LinuxSystem
import Logs
import Model

/// Publishes what a process writes to one stream, until nobody renews it.
final class Follower {
    private var follower: LogFollower
    private let loop: EventLoop
    private let publish: LogFollower.Publish
    private var flushTimer: TimerID?
    private var expiryTimer: TimerID?

    /// - Parameters:
    ///   - rate: bytes a second.
    ///   - expired: called when it has ended for want of renewal.
    init(
        seconds: Double, rate: Int, loop: EventLoop, publish: @escaping LogFollower.Publish,
        expired: @escaping () -> Void
    ) {
        self.loop = loop
        self.publish = publish
        follower = LogFollower(until: .now + .seconds(seconds), rate: rate)
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

    func see(_ bytes: ArraySlice<UInt8>) {
        follower.add(bytes, publish: publish)
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
}
