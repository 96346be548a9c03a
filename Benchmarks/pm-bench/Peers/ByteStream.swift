import Glibc
import LinuxSystem
import TestSupport

/// A blocking connection to a Unix socket.
final class ByteStream {
    private let socket: Descriptor
    private let path: String
    private var buffer = [UInt8](repeating: 0, count: 256 * 1024)

    /// Seconds without a byte after which it fails.
    private static let patience = 60

    init(_ path: String) throws {
        guard let number = UnixSocket.connect(to: path) else { throw BenchError("no listener at \(path)") }
        socket = Descriptor(owning: number)
        self.path = path
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw SystemError("write to \(path)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Exactly `count` bytes.
    func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let got = Glibc.read(socket.number, &buffer, min(buffer.count, count - bytes.count))
            guard got > 0 else { throw SystemError("read from \(path)") }
            bytes += buffer[..<got]
        }
        return bytes
    }

    /// All bytes until the other side closes the connection.
    func readAll() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let got = Glibc.read(socket.number, &buffer, buffer.count)
            guard got >= 0 else { throw SystemError("read from \(path)") }
            if got == 0 { return bytes }
            bytes += buffer[..<got]
        }
    }
}

extension [UInt8] {
    /// The number of occurrences of `text`.
    func count(of text: String) -> Int {
        let wanted = Array(text.utf8)
        guard let first = wanted.first, count >= wanted.count else { return 0 }
        return (0...(count - wanted.count)).count {
            self[$0] == first && self[$0..<$0 + wanted.count].elementsEqual(wanted)
        }
    }
}
