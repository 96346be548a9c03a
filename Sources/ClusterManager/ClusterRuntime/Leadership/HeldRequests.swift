import MQTTTransport
import Model

/// Requests that arrived before it was clear whether this pm-cluster is the active one. They are executed once it is,
/// and dropped if another pm-cluster is.
struct HeldRequests {
    private var messages: [(kind: InstanceKind, message: Message)] = []
    private var bytes = 0

    /// - Returns: false if the message was refused because the limits of count or bytes are reached.
    mutating func hold(_ message: Message, _ kind: InstanceKind) -> Bool {
        let size = message.payload.count
        guard messages.count < Limits.heldRequests, bytes + size <= Limits.requestBytesUnderWay else { return false }
        messages.append((kind, message))
        bytes += size
        return true
    }

    /// Removes and returns all requests, in order of arrival.
    mutating func take() -> [(kind: InstanceKind, message: Message)] {
        defer { self = HeldRequests() }
        return messages
    }
}
