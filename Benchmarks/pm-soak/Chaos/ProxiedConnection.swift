import Glibc
import Synchronization

/// A connection of a daemon and the proxy's connection to the broker, both closed when both directions have ended.
final class ProxiedConnection: Sendable {
    private let daemon: Int32
    private let broker: Int32
    private let directions = Atomic(2)

    init(daemon: Int32, broker: Int32) {
        self.daemon = daemon
        self.broker = broker
    }

    deinit {
        close(daemon)
        close(broker)
    }

    var hasEnded: Bool { directions.load(ordering: .acquiring) == 0 }

    func breakDown() {
        breakDaemonsEnd()
        shutdown(broker, Int32(SHUT_RDWR))
    }

    func breakDaemonsEnd() { shutdown(daemon, Int32(SHUT_RDWR)) }

    func halfClose(towardsBroker: Bool) { shutdown(towardsBroker ? broker : daemon, Int32(SHUT_WR)) }

    /// Copies bytes in one direction until it ends, with at most one buffer in transit.
    ///
    /// - Parameters:
    ///   - isUp: whether the direction is towards the broker.
    ///   - gate: waits before a buffer is forwarded, and returns whether the connection is to be cut within it.
    ///   - linger: waits before the end of the daemon's connection is forwarded to the broker.
    func pump(isUp: Bool, gate: () -> Proxy.Gate, linger: () -> Void) {
        let (from, to) = isUp ? (daemon, broker) : (broker, daemon)
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(from, &buffer, buffer.count)
            guard count > 0 else { break }
            if gate() == .cut {
                _ = Self.sendAll(buffer[..<Int.random(in: 0..<count)], to: to)
                breakDown()
            } else if !Self.sendAll(buffer[..<count], to: to) {
                // Keeps reading, so that the sender does not notice the end yet.
                shutdown(to, Int32(SHUT_RDWR))
            }
        }
        if isUp { linger() }
        shutdown(to, Int32(SHUT_WR))
        directions.subtract(1, ordering: .acquiringAndReleasing)
    }

    private static func sendAll(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
