import Foundation
import Glibc
import Synchronization
import TestSupport

/// A Unix socket that forwards to the broker's socket and delays all data, in order.
final class SlowLink: Sendable {
    private let folder: TemporaryFolder
    private let listener: Int32
    private let sockets = Mutex<[Int32]>([])

    var url: String { "unix://\(folder.path)/s" }

    /// - Parameter delay: the delay in each direction.
    init(to broker: String, delay: Duration) throws {
        folder = try TemporaryFolder()
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = Self.address("\(folder.path)/s")
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(listener, $0, size) == 0 }
        }
        guard isBound, listen(listener, 8) == 0 else { throw TestError.system("listen") }
        Thread.detachNewThread { [listener, weak self] in
            while true {
                let near = accept(listener, nil, nil)
                guard near >= 0 else { return }
                let far = Self.connect(to: broker)
                self?.sockets.withLock { $0 += [near, far] }
                Self.pump(from: near, to: far, delay)
                Self.pump(from: far, to: near, delay)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        for socket in sockets.withLock({ $0 }) { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private struct Packet {
        let due: ContinuousClock.Instant
        /// Nil at the end of the stream.
        let bytes: [UInt8]?
    }

    /// One thread reads and another one writes what is due, so that the delay does not limit the throughput.
    private static func pump(from source: Int32, to target: Int32, _ delay: Duration) {
        let queue = PacketQueue()
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 16_384)
            while true {
                let count = read(source, &buffer, buffer.count)
                queue.add(Packet(due: .now + delay, bytes: count > 0 ? Array(buffer[..<count]) : nil))
                if count <= 0 { return }
            }
        }
        Thread.detachNewThread {
            while let packet = queue.next() as Packet? {
                let wait = packet.due - .now
                if wait > .zero { usleep(UInt32(wait / .microseconds(1))) }
                guard let bytes = packet.bytes else { break }
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = rest.withUnsafeBytes { send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                    guard count > 0 else { break }
                    rest = rest.dropFirst(count)
                }
            }
            shutdown(target, Int32(SHUT_RDWR))
        }
    }

    private final class PacketQueue: @unchecked Sendable {
        private let condition = NSCondition()
        private var packets: [Packet] = []

        func add(_ packet: Packet) {
            condition.lock()
            packets.append(packet)
            condition.signal()
            condition.unlock()
        }

        func next() -> Packet {
            condition.lock()
            defer { condition.unlock() }
            while packets.isEmpty { condition.wait() }
            return packets.removeFirst()
        }
    }

    private static func connect(to path: String) -> Int32 {
        let end = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = address(path)
        withUnsafePointer(to: &address) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(end, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return end
    }

    private static func address(_ path: String) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return address
    }
}
