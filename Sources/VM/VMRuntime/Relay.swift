import LinuxSystem
import Model

/// The guest's only access to a network: each connection in its network namespace is relayed to the broker.
final class Relay {
    private let listener: Descriptor
    /// Address of the broker.
    private let target: StreamTarget
    private let loop: EventLoop
    /// Seconds without a connection after which `cutOff` is called.
    private let patience: Double
    /// Called when the guest has had no connection for `patience`.
    private let cutOff: () -> Void
    /// Called for each connection except the first.
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

    /// Starts to watch for a missing connection.
    func beginToExpect() { expect() }

    private func accept() {
        guard let inner = listener.accept() else { return }
        loop.cancel(silence)
        // A guest has one connection, or briefly a second one before the loss of the first is detected.
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
