/// What the owner says to the broker.
extension Session {
    /// - Parameters:
    ///   - qos: 0 or 1. Brokers bound what waits for acknowledgements (mosquitto: 1,000 messages) and drop what is over
    ///     it, so whoever reads more retained messages than that asks for 0.
    ///   - noLocal: don't deliver what this session published itself; MQTT 3.1.1 can't leave it out.
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

    /// - Parameter whenOffline: whether to keep it (within bounds) until there is a connection.
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

    /// Takes leave: `then` is called once everything said has left, or there is no connection.
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

    /// Whether so much waits for the broker that large messages had better not be added.
    package var isCongested: Bool { outbox.isCongested }

    /// Bytes that may wait for the broker.
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
