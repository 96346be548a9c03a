package import MQTTTransport

/// Ignores and deletes retained requests, which a broker would deliver again at every connect.
package final class RetainedRequests {
    private let publisher: any Publisher
    /// By topic: empty messages that this session published to delete a retained request. MQTT 3.1.1 has no "no local",
    /// so they come back like requests.
    private var ownClearings: [String: Int] = [:]

    package init(_ publisher: any Publisher) { self.publisher = publisher }

    /// Must be called after each connect.
    package func connected() { ownClearings = [:] }

    /// Whether a message on a control topic is a request. Deletes a retained one.
    package func isRequest(_ message: Message) -> Bool {
        if message.isRetained {
            if !publisher.isMQTT5 { ownClearings[message.topic, default: 0] += 1 }
            publisher.publish(
                Message(topic: message.topic, payload: [], qos: 1, isRetained: true), whenOffline: .drop)
            return false
        }
        guard message.payload.isEmpty, let count = ownClearings[message.topic], count > 0 else { return true }
        ownClearings[message.topic] = count - 1
        return false
    }
}
