import CLinux
import Glibc

/// Blocking connects, and nonblocking accept and socket pairs.
extension Descriptor {
    /// Looks up a host name and connects to the first of its addresses that answers. Blocks.
    package static func connect(toHost host: String, port: Int) throws(SystemError) -> Descriptor {
        var failure: SystemError?
        for alternative in Loopback.alternatives(to: host) {
            do throws(SystemError) { return try connect(toAddressesOf: alternative, port: port) } catch {
                failure = failure ?? error
            }
        }
        throw failure ?? SystemError("connect to \(host)", errno: EHOSTUNREACH)
    }

    private static func connect(toAddressesOf host: String, port: Int) throws(SystemError) -> Descriptor {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &list) == 0 else {
            throw SystemError("look up \(host)", errno: EHOSTUNREACH)
        }
        defer { freeaddrinfo(list) }
        var next = list
        var failure = SystemError("connect to \(host)", errno: EHOSTUNREACH)
        while let entry = next?.pointee {
            do throws(SystemError) {
                let socket = try stream(entry.ai_family)
                try System.call("connect to \(host)") { Glibc.connect(socket.number, entry.ai_addr, entry.ai_addrlen) }
                var one: Int32 = 1
                setsockopt(socket.number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
                return socket
            } catch {
                failure = error
            }
            next = entry.ai_next
        }
        throw failure
    }

    package static func connect(toSocket path: String) throws(SystemError) -> Descriptor {
        let socket = try stream(AF_UNIX)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SystemError("connect to \(path)", errno: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        try System.call("connect to \(path)") {
            withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(socket.number, $0, size) }
            }
        }
        return socket
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
