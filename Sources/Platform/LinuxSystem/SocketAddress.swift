import Glibc

/// An IP address and a port, as system calls take them.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var size: socklen_t = 0
    /// The IP address, in digits.
    private let text: String

    /// A host's addresses: both loopback addresses for `localhost`, one for an IP address in digits, else none.
    static func all(of host: String, port: UInt16) -> [SocketAddress] {
        (Loopback.isName(host) ? Loopback.addresses : [host]).compactMap { SocketAddress($0, port: port) }
    }

    /// The errors of connect(2) for an address that this host does not have, as `::1` where IPv6 is turned off.
    static let offlineSince = Set([EADDRNOTAVAIL, EAFNOSUPPORT, ENETUNREACH].map(SystemError.reason))

    /// - Parameter address: IPv4 or IPv6, in digits. Anything else returns nil.
    init?(_ address: String, port: UInt16) {
        text = address
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if inet_pton(AF_INET, address, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            fill(with: four)
        } else if inet_pton(AF_INET6, address, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            fill(with: six)
        } else {
            return nil
        }
    }

    /// `AF_INET` or `AF_INET6`.
    var family: Int32 { Int32(storage.ss_family) }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }

    /// Whether this is the local address of a socket.
    func isLocal(to descriptor: Int32) -> Bool {
        var own = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isKnown = withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        return isKnown && length == size
            && withUnsafeBytes(of: own) { own in
                withUnsafeBytes(of: storage) { $0.prefix(Int(size)).elementsEqual(own.prefix(Int(size))) }
            }
    }

    private mutating func fill<Address>(with address: Address) {
        size = socklen_t(MemoryLayout<Address>.size)
        withUnsafeMutableBytes(of: &storage) { storage in
            withUnsafeBytes(of: address) { storage.copyMemory(from: $0) }
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    var description: String { text }
}
