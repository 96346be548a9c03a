extension Session {
    /// Whether so much waits for the broker that large messages had better not be added.
    package var isCongested: Bool { outbox.isCongested }

    /// Bytes that may wait for the broker.
    package var queueLimit: Int {
        get { outbox.byteLimit }
        set { outbox.byteLimit = newValue }
    }

    /// Messages that did not fit into the outbox while the broker was away or slow.
    package var droppedMessages: Int { outbox.droppedMessages }
}
