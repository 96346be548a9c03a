import LinuxSystem

/// Subscriptions, outgoing messages and the end of a session.
extension Session {
    /// - Parameters:
    ///   - qos: 0 or 1. Brokers limit a client's unacknowledged messages (mosquitto: 1,000) and drop the rest. Use 0 to
    ///     read more retained messages than that.
    ///   - noLocal: don't deliver what this session published itself; no effect with MQTT 3.1.1.
    package func subscribe(_ filter: String, qos: Int32 = 1, noLocal: Bool = false) {
        guard isConnected else { return }
        client.subscribe(filter, qos: qos, noLocal: noLocal)
        settle()
    }

    package func unsubscribe(_ filter: String) {
        guard isConnected else { return }
        client.unsubscribe(filter)
        settle()
    }

    /// - Parameters:
    ///   - whenOffline: whether to keep the message, within the outbox's bounds, until there is a connection.
    ///   - shortened: what is published if the broker does not take so large a packet; nil: nothing.
    package func publish(_ message: Message, whenOffline: OfflinePolicy, orElse shortened: Shortening?) {
        guard isConnected || whenOffline == .keep else { return }
        outbox.add(Outbox.Entry(message: message, whenOffline: whenOffline, shortened: shortened))
        if isConnected { settle() }
    }

    package enum OfflinePolicy: Sendable { case keep, drop }

    /// A payload of at most so many bytes, in place of one that is too large; nil if there is none.
    package typealias Shortening = (Int) -> [UInt8]?

    func sendOutbox() {
        while isConnected, client.socket != nil, let entry = outbox.next() {
            guard let message = fitting(entry) else { continue }
            switch client.publish(message) {
            case .taken(let id):
                outbox.taken(entry, id: id)
                packetLimit.sent(entry.with(message), id: id, at: .now)
            case .notConnected: return outbox.putBack(entry)
            case .refused: break
            }
        }
    }

    /// The message of an entry, or a shorter one if the broker does not take it; nil if there is none.
    private func fitting(_ entry: Outbox.Entry) -> Message? {
        var message = entry.message
        guard let limit = packetLimit.bytes, message.packetSize > limit else { return message }
        handlers?.tooLarge(message, limit)
        guard let payload = entry.shortened?(limit - (message.packetSize - message.payload.count)) else { return nil }
        message.payload = payload
        return message.packetSize <= limit ? message : nil
    }

    /// Ends the session. `then` is called when the outbox is empty, or as soon as there is no connection.
    package func close(then: @escaping () -> Void) {
        guard isConnected else {
            state = .closed
            socketWatch.end()
            return then()
        }
        whenFlushed = then
        settle()
    }

    func closeIfFlushed() {
        guard let then = whenFlushed, outbox.isEmpty else { return }
        whenFlushed = nil
        client.disconnect()
        if client.wantsToWrite { client.write() }
        state = .closed
        socketWatch.end()
        then()
    }

    // MARK: The queue

    /// Whether the outbox is so full that large messages should not be added.
    package var isCongested: Bool { outbox.isCongested }

    /// Maximum of payload bytes in the outbox.
    package var queueLimit: Int {
        get { outbox.byteLimit }
        set { outbox.byteLimit = newValue }
    }

    func tellDrops() {
        guard outbox.droppedMessages > toldDrops else { return }
        handlers?.dropped(outbox.droppedMessages - toldDrops)
        toldDrops = outbox.droppedMessages
    }
}
