import Glibc
import LinuxSystem
import TestSupport

/// A listener on a free port of 127.0.0.1 or ::1. If it has an answer, it sends it after a request.
final class Server {
    let port: UInt16
    private(set) var request = ""
    private let loop: EventLoop
    private let listener: Int32
    private var connection: Int32 = -1

    /// - Parameter port: 0: any free port.
    /// - Returns: nil if the host has no such address.
    init?(_ address: String, port wanted: UInt16 = 0, answer: String? = nil, on loop: EventLoop) throws {
        self.loop = loop
        let isSix = address.contains(":")
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        listener = socket(isSix ? AF_INET6 : AF_INET, type, 0)
        let bound = isSix ? Self.bindSix(listener, wanted) : Self.bindFour(listener, wanted)
        guard let bound, listen(listener, 8) == 0 else {
            if isSix {
                print("no ::1 here: not tested")
                port = 0
                return nil
            }
            let failure = TestError("no listener: errno \(errno)")
            close(listener)
            throw failure
        }
        port = bound
        guard let answer else { return }
        try loop.watch(listener, for: .read) { [weak self] _ in self?.accepted(answer) }
    }

    /// Two servers, one on each loopback address, with the same port.
    ///
    /// - Returns: nil if the host has no ::1.
    static func pair(
        four: String? = nil, six: String? = nil, on loop: EventLoop
    ) throws -> (four: Server, six: Server)? {
        for _ in 0..<50 {
            guard let other = try Server("::1", answer: six, on: loop) else { return nil }
            // Another program may have the port on this address.
            if let one = try? Server("127.0.0.1", port: other.port, answer: four, on: loop) { return (one, other) }
        }
        throw TestError("no port that is free at both addresses")
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

    private static func bindFour(_ listener: Int32, _ port: UInt16) -> UInt16? {
        var address = sockaddr_in()
        address.sin_port = port.bigEndian
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return bind(listener, &address).map { _ in UInt16(bigEndian: address.sin_port) }
    }

    private static func bindSix(_ listener: Int32, _ port: UInt16) -> UInt16? {
        var address = sockaddr_in6()
        address.sin6_port = port.bigEndian
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return bind(listener, &address).map { _ in UInt16(bigEndian: address.sin6_port) }
    }

    /// - Returns: nil if it fails. Sets the port in `address`.
    private static func bind<Address>(_ listener: Int32, _ address: inout Address) -> Void? {
        var size = socklen_t(MemoryLayout<Address>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(listener, $0, size) == 0 && getsockname(listener, $0, &size) == 0 ? () : nil
            }
        }
    }
}
