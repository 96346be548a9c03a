import MQTTTransport
import Model
import ServiceSupport

/// Writes events to the agent's log and publishes them, within the rate of a ``BoundedLog``.
final class EventLog {
    private var log = BoundedLog()
    private var host: HostName?
    private weak var publisher: (any Publisher)?

    func publish(to publisher: any Publisher, as host: HostName) {
        self.publisher = publisher
        self.host = host
    }

    /// - Parameter event: evaluated only if it is within the rate.
    func note(_ event: @autoclosure () -> AgentEvent) {
        guard log.admitsLine() else { return }
        var event = event()
        event.message = String(event.message.prefix(Limits.eventText))
        Log.note(event.message, event.level)
        guard let publisher, let host, !publisher.isCongested else { return }
        publisher.publish(event.message(of: host), whenOffline: .drop)
    }

    /// The event after each connect, which has its line in the log already. With QoS 1, because a broker of MQTT 5 then
    /// says whether the agent may publish events.
    func connected() {
        guard let publisher, let host else { return }
        let event = AgentEvent(.connected, .info, "connected to the broker")
        publisher.publish(event.message(of: host, qos: 1), whenOffline: .drop)
    }
}
