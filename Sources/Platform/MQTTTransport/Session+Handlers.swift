extension Session {
    /// The owner's callbacks, called on the loop's thread.
    package struct Handlers {
        /// The session is connected: subscribe, and publish the retained messages.
        package var connected: () -> Void
        package var message: (Message) -> Void
        /// The connection was lost or an attempt failed. The session tries again by itself.
        package var disconnected: (ConnectionFailure) -> Void
        /// The broker refused a message; with its reason. Called once a connection at most, because a client that lacks
        /// one right usually lacks several, unless ``Session/tellsEveryRefusal`` is set.
        package var refused: (Message, String) -> Void
        /// A message is too large for the broker, and is replaced or dropped; with the largest packet that it takes.
        package var tooLarge: (Message, Int) -> Void
        /// The number of messages dropped since the last call, because the outbox was full while the broker was away or
        /// slow. Called after a connect and then at most every ten seconds.
        package var dropped: (Int) -> Void

        package init(
            connected: @escaping () -> Void, message: @escaping (Message) -> Void,
            disconnected: @escaping (ConnectionFailure) -> Void,
            refused: @escaping (Message, String) -> Void = { _, _ in },
            tooLarge: @escaping (Message, Int) -> Void = { _, _ in },
            dropped: @escaping (Int) -> Void = { _ in }
        ) {
            self.connected = connected
            self.message = message
            self.disconnected = disconnected
            self.refused = refused
            self.tooLarge = tooLarge
            self.dropped = dropped
        }
    }
}
