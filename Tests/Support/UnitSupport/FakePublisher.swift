package import MQTTTransport

/// Keeps what is published, in place of a session with a broker.
package final class FakePublisher: Subscriber {
    private var messages: [Message] = []
    package var isCongested = false
    package var isMQTT5 = true
    package var isConnected = true
    /// Called with each message before it is kept.
    package var observe: (Message) -> Void = { _ in }

    package init() {}

    package func publish(_ message: Message, whenOffline: Session.OfflinePolicy, orElse shortened: Session.Shortening?)
    {
        observe(message)
        messages.append(message)
    }

    package func subscribe(_ filter: String, qos: Int32, noLocal: Bool) {}
    package func unsubscribe(_ filter: String) {}

    /// What was published since the last call.
    package func take() -> [Message] {
        defer { messages = [] }
        return messages
    }
}

extension Message {
    package var text: String { String(decoding: payload, as: UTF8.self) }
}
