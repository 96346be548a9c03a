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

    /// - Parameter whenOffline: whether to keep the message, within the outbox's bounds, until there is a connection.
    package func publish(_ message: Message, whenOffline: OfflinePolicy) {
        guard isConnected || whenOffline == .keep else { return }
        outbox.add(Outbox.Entry(message: message, whenOffline: whenOffline))
        if isConnected { settle() }
    }

    package enum OfflinePolicy: Sendable { case keep, drop }

    func sendOutbox() {
        while isConnected, client.socket != nil, let entry = outbox.next() {
            switch client.publish(entry.message) {
            case .taken(let id): outbox.taken(entry, id: id)
            case .notConnected: return outbox.putBack(entry)
            case .refused: break
            }
        }
    }

    /// Ends the session. `then` is called when the outbox is empty, or as soon as there is no connection.
    package func close(then: @escaping () -> Void) {
        guard isConnected else {
            state = .closed
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
