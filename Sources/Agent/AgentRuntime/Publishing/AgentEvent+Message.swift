import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

extension AgentEvent {
    /// - Parameter qos: 0 or 1.
    func message(of host: HostName, qos: Int32 = 0) -> Message {
        let payload = json(of: host, timestamp: WallClock.now).printed()
        return Message(topic: Topic.event(host).description, payload: payload, qos: qos)
    }
}
