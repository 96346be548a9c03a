import Glibc
import Synchronization
import TestSupport

/// Between a daemon and the broker: a network that is slow, stops, and breaks.
///
/// What goes through one connection stays in order, as in TCP. Each has two threads, one for each direction.
final class Proxy: Sendable {
    struct State {
        var connections: [ProxiedConnection] = []
        var delay = Duration.zero
        var stalledUntil = ContinuousClock.now
        /// How long the broker's end of a connection outlives the daemon's.
        var linger = Duration.zero
        /// The next packet is the last, and not all of it arrives.
        var cutsNextPacket = false
        /// How often connections were broken.
        var cuts = 0
    }

    let path: String
    private let broker: String
    private let listener: Int32
    private let state = Mutex(State())
    /// More than any test needs: a daemon that leaks connections finds the end of them.
    private static let most = 64

    var url: String { "unix://\(path)" }
    var cuts: Int { state.withLock { $0.cuts } }

    /// - Parameters:
    ///   - path: where it listens.
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

    // MARK: What a connection asks for

    enum Gate { case pass, cut }

    /// Waits for as long as what has been read has to.
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

    // MARK: What happens to the network

    func delay(by duration: Duration) { state.withLock { $0.delay = duration } }

    func stall(for duration: Duration) { state.withLock { $0.stalledUntil = .now + duration } }

    /// All connections break, at both ends.
    func cut() { each { $0.breakDown() } }

    /// The next thing that is said arrives in part only, and its connection breaks.
    func cutNextPacket() { state.withLock { $0.cutsNextPacket = true } }

    /// One direction ends.
    func halfClose(towardsBroker: Bool) { each { $0.halfClose(towardsBroker: towardsBroker) } }

    /// The daemons' ends break now, the broker's later: who comes back is there before the old one is gone.
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
