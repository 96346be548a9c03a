import LinuxSystem
import MQTTTransport
import Model
import Wire

extension Bus {
    /// Subscribes to `filters` and returns what the broker holds there, in its order.
    ///
    /// A broker sends a subscriber its messages in order, so a message to ourselves comes back behind all that is
    /// retained: no fixed wait, and nothing missed.
    func retained(_ filters: [String]) throws(CommandError) -> [Message] {
        for filter in filters { subscribe(filter) }
        let mark = Array(RandomText.make().utf8)
        publish(Message(topic: inbox, payload: mark))
        let deadline = answerDeadline
        var messages: [Message] = []
        while let message = try next(before: deadline) {
            guard message.topic == inbox else {
                messages.append(message)
                continue
            }
            if message.payload == mark { return messages }
        }
        // mosquitto drops what its queue for a subscriber can't take, our mark with it.
        throw silence(
            of: "the broker",
            hint: messages.isEmpty
                ? " (it must let pmctl read and write \(inboxes))"
                : " after \(messages.count) messages: if it dropped the rest, raise its max_queued_messages")
    }

    /// The fleet as the broker holds it; the bus goes on to listen to `filters`.
    func fleet(_ filters: [String]) throws(CommandError) -> Fleet {
        var fleet = Fleet()
        for message in try retained(filters) { fleet.absorb(message, at: .now, wallClock: WallClock.now) }
        return fleet
    }

    /// Throws unless the broker holds a status of `host`; the error lists the hosts there are.
    func requireHost(_ host: HostName, in fleet: Fleet) throws(CommandError) {
        guard fleet[host]?.isOnline == nil else { return }
        throw .failed(Fleet.unknown(host, among: try self.fleet([Topic.everyStatus]).names))
    }
}
