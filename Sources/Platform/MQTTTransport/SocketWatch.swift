import LinuxSystem

/// Keeps the loop's watch on libmosquitto's socket, which the library opens and closes by itself.
struct SocketWatch {
    private let loop: EventLoop
    private var watched: (number: Int32, interests: Readiness)?

    init(_ loop: EventLoop) { self.loop = loop }

    /// Watches `socket` for `interests` from now on; nil ends the watch. Makes no system call if nothing has changed.
    mutating func follow(_ socket: Int32?, for interests: Readiness, handler: @escaping EventLoop.Handler) {
        guard let socket else { return end() }
        if let watched, watched.number == socket {
            guard watched.interests != interests else { return }
            try? loop.change(socket, to: interests)
        } else {
            end()
            try? loop.watch(socket, for: interests, handler: handler)
        }
        watched = (socket, interests)
    }

    mutating func end() {
        if let watched { loop.unwatch(watched.number) }
        watched = nil
    }
}
