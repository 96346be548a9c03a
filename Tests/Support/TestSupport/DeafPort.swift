import Glibc

/// A port of 127.0.0.1 at which a connect is neither accepted nor refused, as at an address whose host is gone: the
/// listener's queue is full, so the kernel ignores further SYNs (listen(2)).
package final class DeafPort: Sendable {
    private let sockets: [Int32]

    package init(_ port: UInt16) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0, listen(listener, 0) == 0 else { throw TestError.system("listen at \(port)") }
        var sockets = [listener]
        while sockets.count < 16, let client = TCPSocket.connect(to: port, patience: 300) { sockets.append(client) }
        self.sockets = sockets
    }

    deinit { for socket in sockets { close(socket) } }
}
