import DequeModule

/// Messages that wait for the broker, within bounds: the oldest go first.
struct Outbox {
    private var messages: Deque<(message: Message, whenOffline: Session.OfflinePolicy)> = []
    private var bytes = 0
    private let messageLimit: Int
    private let byteLimit: Int

    init(messageLimit: Int, byteLimit: Int) {
        self.messageLimit = messageLimit
        self.byteLimit = byteLimit
    }

    var isEmpty: Bool { messages.isEmpty }

    /// - Returns: how many messages had to go.
    mutating func append(_ message: Message, _ whenOffline: Session.OfflinePolicy) -> Int {
        messages.append((message, whenOffline))
        bytes += message.payload.count
        var dropped = 0
        while messages.count > messageLimit || (bytes > byteLimit && messages.count > 1), popFirst() != nil {
            dropped += 1
        }
        return dropped
    }

    /// Puts back what had been taken out, before all others.
    mutating func prepend(_ message: Message, _ whenOffline: Session.OfflinePolicy) {
        messages.prepend((message, whenOffline))
        bytes += message.payload.count
    }

    mutating func popFirst() -> (Message, Session.OfflinePolicy)? {
        guard let (message, whenOffline) = messages.popFirst() else { return nil }
        bytes -= message.payload.count
        return (message, whenOffline)
    }

    /// The connection is gone, and with it the point of what is published anew at the next.
    mutating func removeAll(where isPointless: (Session.OfflinePolicy) -> Bool) {
        messages.removeAll { isPointless($0.whenOffline) }
        bytes = messages.reduce(0) { $0 + $1.message.payload.count }
    }
}
