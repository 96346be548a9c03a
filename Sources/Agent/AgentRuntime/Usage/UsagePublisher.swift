import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Publishes on `pm/<host>/usage` what the processes use, while there is at least one follower. Without followers
/// it reads nothing.
final class UsagePublisher {
    private let host: HostName
    private let reader: UsageReader
    private let loop: EventLoop
    private let publisher: any Publisher
    private var followers = UsageFollowers()
    private var timer: TimerID?
    private var isReading = false

    init(host: HostName, reader: UsageReader, publisher: any Publisher, loop: EventLoop) {
        self.host = host
        self.reader = reader
        self.publisher = publisher
        self.loop = loop
    }

    deinit { loop.cancel(timer) }

    func follow(_ following: UsageFollowing) -> Outcome {
        let earlier = followers.interval(at: Instant.now.seconds)
        guard followers.follow(following, at: Instant.now.seconds) else {
            return .failed(Failure(.noCapacity, "the usage of this host has \(Limits.usageFollowers) followers"))
        }
        // A new follower does not wait for the longer interval of the others.
        if earlier.map({ following.interval < $0 }) ?? true { publishSoon(in: .zero) }
        return .following([.usage(host)], seconds: following.seconds)
    }

    func unfollow(_ follower: String) -> Outcome {
        followers.unfollow(follower)
        return .unfollowed
    }

    private func publishSoon(in delay: Duration) {
        guard !isReading else { return }
        loop.cancel(timer)
        timer = loop.after(delay) { [weak self] in self?.publish() }
    }

    private func publish() {
        guard followers.interval(at: Instant.now.seconds) != nil else { return }
        isReading = true
        reader.read { [weak self] in self?.publish($0) }
    }

    private func publish(_ usage: UsageReader.Result) {
        isReading = false
        guard let asked = followers.interval(at: Instant.now.seconds) else { return }
        // On a host with very many processes, each reading costs much.
        let interval = max(asked, reader.cost / Limits.usageShare)
        if !publisher.isCongested {
            let report = UsageReport(
                host: host, timestamp: WallClock.now, interval: interval.rounded(toPlaces: 3), processes: usage)
            let message = Message(
                topic: Topic.usage(host).description, payload: report.printed(atMost: Limits.usageMessage), qos: 0)
            publisher.publish(message, whenOffline: .drop) { report.printed(atMost: $0) }
        }
        publishSoon(in: .seconds(interval))
    }
}
