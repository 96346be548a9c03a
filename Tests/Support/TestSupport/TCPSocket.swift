import Glibc

/// Stream sockets of 127.0.0.1.
package enum TCPSocket {
    /// - Parameter patience: the timeout in milliseconds; the socket is then non-blocking. Nil: no timeout.
    /// - Returns: a connected socket; nil if there is no listener.
    package static func connect(to port: UInt16, patience: Int32? = nil) -> Int32? {
        var type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
        if patience != nil { type |= SOCK_NONBLOCK.rawValue }
        let descriptor = socket(AF_INET, Int32(type), 0)
        guard descriptor >= 0 else { return nil }
        if at(port, { Glibc.connect(descriptor, $0, $1) }) == 0 { return descriptor }
        if let patience, errno == EINPROGRESS {
            var end = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if poll(&end, 1, patience) == 1, end.revents & Int16(POLLERR | POLLHUP) == 0 { return descriptor }
        }
        close(descriptor)
        return nil
    }

    /// - Returns: a socket that listens.
    package static func listen(at port: UInt16, backlog: Int32) throws -> Int32 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard at(port, { bind(listener, $0, $1) }) == 0, Glibc.listen(listener, backlog) == 0 else {
            throw TestError.system("listen at \(port)")
        }
        return listener
    }

    /// Calls `body` with the address of a port.
    private static func at(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
