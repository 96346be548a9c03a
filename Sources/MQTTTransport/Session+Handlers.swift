extension Session {
    /// What the owner is told.
    package struct Handlers {
        /// Connected: subscribe, and publish what is retained.
        package var connected: () -> Void
        package var message: (Message) -> Void
        /// Not connected (any more), and why; another attempt follows by itself.
        package var disconnected: (String) -> Void

        package init(
            connected: @escaping () -> Void, message: @escaping (Message) -> Void,
            disconnected: @escaping (String) -> Void
        ) {
            self.connected = connected
            self.message = message
            self.disconnected = disconnected
        }
    }
}
