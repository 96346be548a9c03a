import Glibc
import Synchronization

/// A port of 127.0.0.1 or ::1 that refuses connections except between ``open()`` and ``close()``. It answers whatever
/// is sent with an HTTP response.
package final class LocalServer: Sendable {
    package let port: UInt16
    private let status: Mutex<Int>
    private let listener: Mutex<Int32>
    private let isSix: Bool

    /// - Parameters:
    ///   - status: the HTTP status of the answers.
    ///   - isSix: whether it uses ::1.
    package init(status: Int = 204, isSix: Bool = false) throws {
        self.status = Mutex(status)
        self.isSix = isSix
        let listener = Self.socket(isSix)
        guard listener >= 0, let port = Self.bind(listener, to: 0, isSix) else { throw TestError.system("bind") }
        self.port = port
        self.listener = Mutex(listener)
    }

    deinit { close() }

    /// Accepts connections and answers them in a thread of its own until it is closed.
    package func open() throws {
        let descriptor = try listener.withLock { listener in
            if listener < 0 {
                listener = Self.socket(isSix)
                guard Self.bind(listener, to: port, isSix) != nil else { throw TestError.system("bind") }
            }
            guard listen(listener, 64) == 0 else { throw TestError.system("listen") }
            return listener
        }
        // Not in a task: accept(2) blocks, and tasks share few threads.
        var thread = pthread_t()
        let answering = Unmanaged.passRetained(Answering(server: self, listener: descriptor)).toOpaque()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Answering>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, answering)
        guard code == 0 else { throw TestError.system("pthread_create", code) }
        pthread_detach(thread)
    }

    private final class Answering {
        private weak var server: LocalServer?
        private let listener: Int32

        init(server: LocalServer, listener: Int32) {
            self.server = server
            self.listener = listener
        }

        func run() {
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                server?.answer(connection)
                Glibc.close(connection)
            }
        }
    }

    package func close() {
        listener.withLock { listener in
            // Makes accept(2) in the other thread return.
            if listener >= 0 { shutdown(listener, Int32(SHUT_RDWR)) }
            if listener >= 0 { Glibc.close(listener) }
            listener = -1
        }
    }

    package func answer(with status: Int) { self.status.withLock { $0 = status } }

    private func answer(_ connection: Int32) {
        var request = [UInt8](repeating: 0, count: 4_096)
        guard read(connection, &request, request.count) > 0 else { return }
        let bytes = Array("HTTP/1.1 \(status.withLock { $0 }) X\r\nContent-Length: 0\r\n\r\n".utf8)
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func socket(_ isSix: Bool) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(isSix ? AF_INET6 : AF_INET, type, 0)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    private static func bind(_ listener: Int32, to port: UInt16, _ isSix: Bool) -> UInt16? {
        if isSix {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            return bind(listener, &address) ? UInt16(bigEndian: address.sin6_port) : nil
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return bind(listener, &address) ? UInt16(bigEndian: address.sin_port) : nil
    }

    /// Afterwards `address` has the port.
    private static func bind<Address>(_ listener: Int32, _ address: inout Address) -> Bool {
        var size = socklen_t(MemoryLayout<Address>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(listener, $0, size) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
    }
}
