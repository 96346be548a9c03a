import Glibc

/// A port of 127.0.0.1 at which a connect is neither accepted nor refused, as at an address whose host is gone: the
/// listener's queue is full, so the kernel ignores further SYNs (listen(2)).
package final class DeafPort: Sendable {
    private let sockets: [Int32]

    package init(_ port: UInt16) throws {
        let listener = try TCPSocket.listen(at: port, backlog: 0)
        var sockets = [listener]
        while sockets.count < 16, let client = TCPSocket.connect(to: port, patience: 300) { sockets.append(client) }
        self.sockets = sockets
    }

    deinit { for socket in sockets { close(socket) } }
}
