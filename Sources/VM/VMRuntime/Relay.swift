import LinuxSystem
import Model

/// The guest's way to the broker, and to nothing else: what connects inside its network is connected to the broker here.
final class Relay {
    private let listener: Descriptor
    /// Where the broker is.
    private let target: StreamTarget
    private let loop: EventLoop
    /// Seconds.
    private let patience: Double
    /// Told when nobody in the guest has been connected for so long.
    private let cutOff: () -> Void
    /// Told of each connection but the first.
    private let reconnected: () -> Void
    private var hasConnected = false
    private var connections: [ObjectIdentifier: RelayedConnection] = [:]
    private var silence: TimerID?

    init(
        _ listener: consuming Descriptor, to target: StreamTarget, patience: Double, on loop: EventLoop,
        reconnected: @escaping () -> Void, cutOff: @escaping () -> Void
    ) throws(SystemError) {
        self.reconnected = reconnected
        self.listener = listener
        self.target = target
        self.patience = patience
        self.loop = loop
        self.cutOff = cutOff
        try loop.watch(self.listener.number, for: .read) { [unowned self] _ in accept() }
    }

    deinit {
        loop.cancel(silence)
        loop.unwatch(listener.number)
    }

    /// Expects the guest to be heard of from now on.
    func beginToExpect() { expect() }

    private func accept() {
        guard let inner = listener.accept() else { return }
        loop.cancel(silence)
        // A guest has one connection, and a new one before the old one is known to be gone.
        guard connections.count < Limits.vmConnections else { return expect() }
        let connection = RelayedConnection(inner, on: loop) { [unowned self] in
            connections[ObjectIdentifier($0)] = nil
            expect()
        }
        connections[ObjectIdentifier(connection)] = connection
        connection.connect(to: target)
        if hasConnected { reconnected() }
        hasConnected = true
    }

    private func expect() {
        loop.cancel(silence)
        guard connections.isEmpty else { return }
        silence = loop.after(.seconds(patience)) { [unowned self] in cutOff() }
    }
}
