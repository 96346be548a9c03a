import DequeModule

/// Messages that wait for the broker, within bounds: the oldest go first.
struct Outbox {
    private var messages: Deque<Message> = []
    private var bytes = 0
    private let messageLimit: Int
    private let byteLimit: Int

    init(messageLimit: Int, byteLimit: Int) {
        self.messageLimit = messageLimit
        self.byteLimit = byteLimit
    }

    var isEmpty: Bool { messages.isEmpty }

    /// - Returns: how many messages had to go.
    mutating func append(_ message: Message) -> Int {
        messages.append(message)
        bytes += message.payload.count
        var dropped = 0
        while messages.count > messageLimit || (bytes > byteLimit && messages.count > 1), popFirst() != nil {
            dropped += 1
        }
        return dropped
    }

    mutating func popFirst() -> Message? {
        guard let message = messages.popFirst() else { return nil }
        bytes -= message.payload.count
        return message
    }
}
