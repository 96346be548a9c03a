import Glibc
import Synchronization
import TestSupport

/// A proxy between daemons and the broker that can delay, stall, cut and half-close connections.
///
/// Daemons connect to its Unix socket; it connects to the broker's for each of them. Bytes stay in order within a
/// connection, as in TCP. Each connection has two threads, one per direction, which end with it. The methods that
/// begin faults may be called from any thread and apply to all connections.
final class Proxy: Sendable {
    struct State {
        var connections: [ProxiedConnection] = []
        var delay = Duration.zero
        var stalledUntil = ContinuousClock.now
        /// How long the broker's end of a connection stays open after the daemon's end.
        var linger = Duration.zero
        /// Whether the next packet arrives only in part and its connection is cut.
        var cutsNextPacket = false
        /// The number of times that connections were broken.
        var cuts = 0
    }

    let path: String
    private let broker: String
    private let listener: Int32
    private let state = Mutex(State())
    /// The maximum number of connections: more than any test needs, so that a daemon that leaks connections is noticed.
    private static let most = 64

    var url: String { "unix://\(path)" }
    var cuts: Int { state.withLock { $0.cuts } }

    /// - Parameters:
    ///   - path: the path of its own socket.
    ///   - broker: the path of the broker's socket.
    init(at path: String, to broker: String) throws {
        self.path = path
        self.broker = broker
        listener = try UnixSocket.listen(at: path)
        try Background.run { [listener, weak self] in
            while true {
                let daemon = accept(listener, nil, nil)
                guard daemon >= 0 else { return }
                if self?.take(daemon) != true { close(daemon) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for connection in state.withLock({ $0.connections }) { connection.breakDown() }
    }

    private func take(_ daemon: Int32) -> Bool {
        guard state.withLock({ $0.connections.count }) < Self.most, let broker = UnixSocket.connect(to: broker)
        else { return false }
        let connection = ProxiedConnection(daemon: daemon, broker: broker)
        state.withLock { $0.connections.append(connection) }
        for isUp in [true, false] {
            do {
                try Background.run { [weak self] in
                    connection.pump(isUp: isUp, gate: { self?.gate() ?? .pass }, linger: { self?.linger() })
                    self?.ended(connection)
                }
            } catch { connection.breakDown() }
        }
        return true
    }

    // MARK: Hooks of a connection

    enum Gate { case pass, cut }

    /// Waits as long as the current delay and stall require, and decides whether the packet is cut.
    private func gate() -> Gate {
        let (delay, isLast) = state.withLock { state in
            defer { state.cutsNextPacket = false }
            return (state.delay, state.cutsNextPacket)
        }
        if delay > .zero { Self.sleep(delay) }
        while state.withLock({ $0.stalledUntil }) > .now { poll(nil, 0, 5) }
        guard isLast else { return .pass }
        state.withLock { $0.cuts += 1 }
        return .cut
    }

    private func linger() { Self.sleep(state.withLock { $0.linger }) }

    private func ended(_ connection: ProxiedConnection) {
        state.withLock { state in state.connections.removeAll { $0 === connection && connection.hasEnded } }
    }

    private static func sleep(_ duration: Duration) { poll(nil, 0, Int32(duration / .milliseconds(1))) }

    // MARK: Faults

    func delay(by duration: Duration) { state.withLock { $0.delay = duration } }

    func stall(for duration: Duration) { state.withLock { $0.stalledUntil = .now + duration } }

    /// Breaks all connections at both ends.
    func cut() { each { $0.breakDown() } }

    /// Forwards only a part of the next packet, then breaks its connection.
    func cutNextPacket() { state.withLock { $0.cutsNextPacket = true } }

    /// Ends one direction of all connections.
    func halfClose(towardsBroker: Bool) { each { $0.halfClose(towardsBroker: towardsBroker) } }

    /// Breaks the daemons' ends now and the broker's ends later, so that a daemon that reconnects arrives while its old
    /// connection still exists.
    func cutAndLinger(for duration: Duration) {
        state.withLock { $0.linger = duration }
        each { $0.breakDaemonsEnd() }
    }

    func heal() {
        state.withLock { state in
            state.delay = .zero
            state.stalledUntil = .now
            state.linger = .zero
            state.cutsNextPacket = false
        }
    }

    private func each(_ body: (ProxiedConnection) -> Void) {
        let connections = state.withLock { state in
            state.cuts += 1
            return state.connections
        }
        for connection in connections { body(connection) }
    }
}
