extension Session {
    /// What the owner is told.
    package struct Handlers {
        /// Connected: subscribe, and publish what is retained.
        package var connected: () -> Void
        package var message: (Message) -> Void
        /// Not connected (any more), and why; another attempt follows by itself.
        package var disconnected: (String) -> Void
        /// The broker does not take a message, and why. Told once a connection: who lacks a right mostly lacks several.
        package var refused: (Message, String) -> Void
        /// So many messages more did not fit into the outbox while the broker was away or slow, and are lost. Told at a
        /// connect, and every ten seconds from then on.
        package var dropped: (Int) -> Void

        package init(
            connected: @escaping () -> Void, message: @escaping (Message) -> Void,
            disconnected: @escaping (String) -> Void, refused: @escaping (Message, String) -> Void = { _, _ in },
            dropped: @escaping (Int) -> Void = { _ in }
        ) {
            self.connected = connected
            self.message = message
            self.disconnected = disconnected
            self.refused = refused
            self.dropped = dropped
        }
    }
}
