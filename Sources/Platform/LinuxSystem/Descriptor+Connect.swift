import CLinux
import Glibc

/// Connects that block, and nonblocking accept and socket pairs.
extension Descriptor {
    /// Looks up a host name and connects to the first of its addresses that answers. Blocks.
    ///
    /// - Parameter limit: seconds for each address.
    package static func connect(toHost host: String, port: UInt16, limit: Double) throws(SystemError) -> Descriptor {
        let addresses = (try? HostLookup.addresses(of: host)) ?? []
        var failure = SystemError("connect to \(host)", errno: EHOSTUNREACH)
        for address in addresses.compactMap({ SocketAddress($0, port: port) }) {
            do throws(SystemError) { return try connect(to: address, limit: limit) } catch { failure = error }
        }
        throw failure
    }

    private static func connect(to address: SocketAddress, limit: Double) throws(SystemError) -> Descriptor {
        let socket = try stream(address.family)
        var one: Int32 = 1
        setsockopt(socket.number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        let flags = fcntl(socket.number, F_GETFL)
        socket.stopBlocking()
        let result = address.withPointer { Glibc.connect(socket.number, $0, $1) }
        if result < 0 {
            guard errno == EINPROGRESS else { throw SystemError("connect to \(address)") }
            var ready = pollfd(fd: socket.number, events: Int16(POLLOUT), revents: 0)
            let count = try System.call("connect to \(address)") { poll(&ready, 1, Int32(limit * 1_000)) }
            guard count > 0 else { throw SystemError("connect to \(address)", errno: ETIMEDOUT) }
            if let failure = connectFailure(ofSocket: socket.number) { throw failure }
        }
        _ = fcntl(socket.number, F_SETFL, flags)
        return socket
    }

    /// Why a connect that has begun has failed (SO_ERROR of socket(7)); nil if it has not.
    ///
    /// - Parameter taken: the error of an earlier call on the socket: the kernel reports an error only once.
    package static func connectFailure(ofSocket number: Int32, taken: Int32 = 0) -> SystemError? {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &size) == 0 else { return SystemError("connect") }
        guard error == 0 else { return SystemError("connect", errno: error) }
        var peer = sockaddr_storage()
        size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isConnected = withUnsafeMutablePointer(to: &peer) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(number, $0, &size) == 0 }
        }
        return isConnected ? nil : SystemError("connect", errno: taken == 0 ? ENOTCONN : taken)
    }

    package static func connect(toSocket path: String) throws(SystemError) -> Descriptor {
        let socket = try stream(AF_UNIX)
        try at(path, "connect to \(path)") { Glibc.connect(socket.number, $0, $1) }
        return socket
    }

    /// Sends one message to a datagram socket. Blocks while the receiver's queue is full.
    static func send(_ text: String, toDatagramSocket path: String) throws(SystemError) {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        let socket = Descriptor(owning: try System.call("make a socket") { Glibc.socket(AF_UNIX, type, 0) })
        let bytes = Array(text.utf8)
        try at(path, "send to \(path)") { address, size in
            Int32(sendto(socket.number, bytes, bytes.count, 0, address, size))
        }
    }

    package static func listen(atSocket path: String) throws(SystemError) -> Descriptor {
        let socket = try stream(AF_UNIX)
        try at(path, "listen at \(path)") { bind(socket.number, $0, $1) }
        try System.call("listen at \(path)") { Glibc.listen(socket.number, 1) }
        return socket
    }

    /// Calls `body` with the address of a UNIX socket (unix(7)).
    private static func at(
        _ path: String, _ action: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SystemError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SystemError(action, errno: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        try System.call(action) {
            withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
            }
        }
    }

    /// Both ends of a connection; neither blocks.
    package struct Pair: ~Copyable {
        package let own: Descriptor
        package let other: Descriptor

        package init() throws(SystemError) {
            var ends: [Int32] = [-1, -1]
            _ = try System.call("make a pair of sockets") { pm_connected_pair(&ends) }
            own = Descriptor(owning: ends[0])
            other = Descriptor(owning: ends[1])
        }

        /// Returns the own end and closes the other.
        package consuming func takeOwn() -> Descriptor { own }
    }

    /// Accepts a waiting connection, as a nonblocking descriptor; nil if none waits.
    package func accept() -> Descriptor? {
        let number = Glibc.accept(self.number, nil, nil)
        guard number >= 0 else { return nil }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        return Descriptor(owning: number)
    }

    /// Sets O_NONBLOCK.
    package func stopBlocking() { _ = fcntl(number, F_SETFL, O_NONBLOCK) }

    private static func stream(_ family: Int32) throws(SystemError) -> Descriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        return Descriptor(owning: try System.call("make a socket") { socket(family, type, 0) })
    }
}
