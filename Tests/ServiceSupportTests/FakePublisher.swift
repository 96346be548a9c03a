import MQTTTransport
import Wire

/// Keeps what is published, in place of a session with a broker.
final class FakePublisher: Publisher {
    private(set) var messages: [Message] = []
    var isCongested = false
    var isMQTT5 = true
    var isConnected = true

    func publish(_ message: Message, whenOffline: Session.OfflinePolicy) { messages.append(message) }

    /// What was published since the last call.
    func take() -> [Message] {
        defer { messages = [] }
        return messages
    }
}

extension Message {
    var text: String { String(decoding: payload, as: UTF8.self) }
}
