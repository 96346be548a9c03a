import LinuxSystem
import MQTTTransport
import Model
import Wire

/// The subscription to the host's own health topic, where other agents of its name are found (``NameConflict``).
///
/// The first message after a connect may be the agent's own. If none comes, the agent may not read the topic.
final class OwnHealth: HealthSource {
    private let topic: String
    private let loop: EventLoop
    private var isAwaited = false
    private var isDeaf = false
    private var timer: TimerID?

    init(of host: HostName, on loop: EventLoop) {
        topic = Topic.health(host).description
        self.loop = loop
    }

    deinit { loop.cancel(timer) }

    /// - Parameter changed: called when there is a reason that was none before.
    func connected(_ session: any Subscriber, changed: @escaping () -> Void) {
        isAwaited = true
        session.subscribe(topic, qos: 0, noLocal: false)
        loop.cancel(timer)
        timer = loop.after(.seconds(Limits.ownHealthPatience)) { [weak self] in
            guard let self, isAwaited, !isDeaf else { return }
            isDeaf = true
            changed()
        }
    }

    func disconnected() {
        loop.cancel(timer)
        isAwaited = false
    }

    /// To be called for each message on the topic.
    ///
    /// - Returns: whether the reasons have changed.
    func heard(_ session: any Subscriber) -> Bool {
        guard isAwaited else { return false }
        isAwaited = false
        // From now on without the agent's own messages, for metered links. The first one had to come: with noLocal, a
        // broker also leaves out what another agent of this client id publishes. Mosquitto 2.0 keeps a subscription's
        // options.
        session.unsubscribe(topic)
        session.subscribe(topic, qos: 0, noLocal: true)
        defer { isDeaf = false }
        return isDeaf
    }

    var reasons: [String] {
        isDeaf
            ? ["the agent does not get its own messages on \(topic): it may not read them; see the broker's ACL"] : []
    }
}
