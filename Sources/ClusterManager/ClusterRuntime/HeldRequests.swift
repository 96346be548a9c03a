import MQTTTransport
import Model

/// Requests that came before it was clear whether this pm-cluster acts: they are carried out then, or are another one's.
struct HeldRequests {
    private var messages: [(kind: InstanceKind, message: Message)] = []
    private var bytes = 0

    /// - Returns: whether there was room for it.
    mutating func hold(_ message: Message, _ kind: InstanceKind) -> Bool {
        let size = message.payload.count
        guard messages.count < Limits.heldRequests, bytes + size <= Limits.requestBytesUnderWay else { return false }
        messages.append((kind, message))
        bytes += size
        return true
    }

    /// All of them, in the order in which they came.
    mutating func take() -> [(kind: InstanceKind, message: Message)] {
        defer { self = HeldRequests() }
        return messages
    }
}
