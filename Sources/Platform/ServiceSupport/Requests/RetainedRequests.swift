package import MQTTTransport

/// Keeps requests that somebody has retained from being carried out: a broker replays them at every connect.
package final class RetainedRequests {
    private let session: Session
    /// MQTT 3.1.1 has no "no local": the empty message that takes a retained request away comes back as a request.
    private var ownClearings: [String: Int] = [:]

    package init(_ session: Session) { self.session = session }

    /// After each connect.
    package func connected() { ownClearings = [:] }

    /// Whether a message on a control topic is a request; a retained one is taken away.
    package func isRequest(_ message: Message) -> Bool {
        if message.isRetained {
            if !session.isMQTT5 { ownClearings[message.topic, default: 0] += 1 }
            session.publish(
                Message(topic: message.topic, payload: [], qos: 1, isRetained: true), whenOffline: .drop)
            return false
        }
        guard message.payload.isEmpty, let count = ownClearings[message.topic], count > 0 else { return true }
        ownClearings[message.topic] = count - 1
        return false
    }
}
