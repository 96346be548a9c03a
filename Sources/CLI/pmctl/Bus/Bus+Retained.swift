import LinuxSystem
import MQTTTransport
import Model
import Wire

extension Bus {
    /// Subscribes to `filters` and returns the messages that the broker retains there, in the broker's order.
    ///
    /// A broker delivers messages to a client in order. So a message that pmctl publishes to its own inbox comes back
    /// after all retained ones: no message is missed, and no fixed wait is needed.
    ///
    /// - Parameter limit: when to give up; nil: after the time for an answer.
    func retained(_ filters: [String], before limit: Instant? = nil) throws(CommandError) -> [Message] {
        for filter in filters { subscribe(filter) }
        let mark = Array(RandomText.make().utf8)
        publish(Message(topic: inbox, payload: mark))
        let deadline = limit ?? answerDeadline
        var messages: [Message] = []
        while let message = try next(before: deadline) {
            guard message.topic == inbox else {
                messages.append(message)
                continue
            }
            if message.payload == mark { return messages }
        }
        // mosquitto drops the messages that do not fit into a client's queue, the mark included.
        throw silence(
            of: "the broker",
            hint: messages.isEmpty
                ? " (it must let pmctl read and write \(inboxes))"
                : " after \(messages.count) messages: if it dropped the rest, raise its max_queued_messages",
            reason: .failure)
    }

    /// The fleet as retained messages describe it. The bus stays subscribed to `filters`.
    func fleet(_ filters: [String]) throws(CommandError) -> Fleet {
        var fleet = Fleet()
        for message in try retained(filters) { fleet.absorb(message, at: .now, wallClock: WallClock.now) }
        return fleet
    }

    /// Throws unless the broker retains a status of `host`. The error lists the known hosts.
    func requireHost(_ host: HostName, in fleet: Fleet) throws(CommandError) {
        guard fleet[host]?.isOnline == nil else { return }
        throw .failed(Fleet.unknown(host, among: try self.fleet([Topic.everyStatus]).names), .missing)
    }
}
