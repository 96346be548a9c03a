import Glibc
import LinuxSystem
import TestSupport

/// A listener on a free port of 127.0.0.1 or ::1; with an answer, it gives it to who has sent a request.
final class Server {
    let port: UInt16
    private(set) var request = ""
    private let loop: EventLoop
    private let listener: Int32
    private var connection: Int32 = -1

    /// - Returns: nil where the machine has no such address.
    init?(_ address: String, answer: String? = nil, on loop: EventLoop) throws {
        self.loop = loop
        let isSix = address.contains(":")
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        listener = socket(isSix ? AF_INET6 : AF_INET, type, 0)
        let bound = isSix ? Self.bindSix(listener) : Self.bindFour(listener)
        guard let bound, listen(listener, 8) == 0 else {
            if isSix {
                print("no ::1 here: not tested")
                port = 0
                return nil
            }
            throw TestError("no listener: errno \(errno)")
        }
        port = bound
        guard let answer else { return }
        try loop.watch(listener, for: .read) { [weak self] _ in self?.accepted(answer) }
    }

    deinit {
        loop.unwatch(listener)
        close(listener)
        loop.unwatch(connection)
        if connection >= 0 { close(connection) }
    }

    private func accepted(_ answer: String) {
        connection = accept(listener, nil, nil)
        try? loop.watch(connection, for: .read) { [weak self] _ in self?.received(answer) }
    }

    private func received(_ answer: String) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(connection, &bytes, bytes.count)
        request += String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        guard count <= 0 || request.hasSuffix("\r\n\r\n") else { return }
        FileSystem.write(answer, to: connection)
        loop.unwatch(connection)
        shutdown(connection, Int32(SHUT_WR))
    }

    private static func bindFour(_ listener: Int32) -> UInt16? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return bind(listener, &address).map { _ in UInt16(bigEndian: address.sin_port) }
    }

    private static func bindSix(_ listener: Int32) -> UInt16? {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return bind(listener, &address).map { _ in UInt16(bigEndian: address.sin6_port) }
    }

    /// - Returns: nil when it can't; `address` then has the port.
    private static func bind<Address>(_ listener: Int32, _ address: inout Address) -> Void? {
        var size = socklen_t(MemoryLayout<Address>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(listener, $0, size) == 0 && getsockname(listener, $0, &size) == 0 ? () : nil
            }
        }
    }
}
