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
    private let changed: () -> Void
    private var isAwaited = false
    private var isDeaf = false
    private var timer: TimerID?

    /// - Parameter changed: called when the reasons have changed.
    init(of host: HostName, on loop: EventLoop, changed: @escaping () -> Void) {
        topic = Topic.health(host).description
        self.loop = loop
        self.changed = changed
    }

    deinit { loop.cancel(timer) }

    func connected(_ session: any Subscriber) {
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
    func heard(_ session: any Subscriber) {
        guard isAwaited else { return }
        isAwaited = false
        // From now on without the agent's own messages, for metered links. The first one had to come: with noLocal, a
        // broker also leaves out what another agent of this client id publishes. Mosquitto 2.0 keeps a subscription's
        // options.
        session.unsubscribe(topic)
        session.subscribe(topic, qos: 0, noLocal: true)
        guard isDeaf else { return }
        isDeaf = false
        changed()
    }

    var reasons: [String] {
        isDeaf
            ? ["the agent does not get its own messages on \(topic): it may not read them; see the broker's ACL"] : []
    }
}
