import LinuxSystem
import Model

/// Relays one connection of a guest to the broker, in both directions, until either side ends.
final class RelayedConnection {
    private let loop: EventLoop
    private let inner: Descriptor
    /// Not open until there is a connection.
    private var outer = Descriptor(owning: -1)
    /// Bytes that are not sent yet, by direction; until they are sent, no more are read for that direction.
    private var outward: [UInt8] = []
    private var inward: [UInt8] = []
    private var ended: ((RelayedConnection) -> Void)?

    /// - Parameter ended: called exactly once, and never before ``connect(to:)``.
    init(_ inner: consuming Descriptor, on loop: EventLoop, ended: @escaping (RelayedConnection) -> Void) {
        self.inner = inner
        self.loop = loop
        self.ended = ended
    }

    deinit {
        loop.unwatch(inner.number)
        loop.unwatch(outer.number)
    }

    func connect(to target: StreamTarget) {
        let attempt = ConnectionAttempt(target)
        do throws(SystemError) {
            try BackgroundWork.start(on: loop) {
                attempt.run()
            } completion: { [weak self] in
                guard let self else { return }
                guard let socket = attempt.take() else { return end() }
                connected(socket)
            }
        } catch {
            loop.after(.zero) { [weak self] in self?.end() }
        }
    }

    private func connected(_ socket: consuming Descriptor) {
        outer = consume socket
        do throws(SystemError) {
            for (descriptor, isInner) in [(inner.number, true), (outer.number, false)] {
                try loop.watch(descriptor, for: .read) { [unowned self] in proceed(isInner: isInner, $0) }
            }
        } catch {
            end()
        }
    }

    private func proceed(isInner: Bool, _ readiness: Readiness) {
        // Neither readable nor writable: the connection has ended and all data has been read.
        var isAlive = !readiness.isDisjoint(with: [.read, .write])
        if isAlive, readiness.contains(.write) {
            isAlive = isInner ? flush(&inward, to: inner) : flush(&outward, to: outer)
        }
        if isAlive, readiness != .write {
            isAlive = isInner ? pass(from: inner, &outward, to: outer) : pass(from: outer, &inward, to: inner)
        }
        guard isAlive else { return end() }
        // Read from a side only if the other side has accepted everything, and wait for write readiness otherwise.
        try? loop.change(inner.number, to: interests(reads: outward.isEmpty, writes: !inward.isEmpty))
        try? loop.change(outer.number, to: interests(reads: inward.isEmpty, writes: !outward.isEmpty))
    }

    private func interests(reads: Bool, writes: Bool) -> Readiness {
        [reads ? .read : [], writes ? .write : []]
    }

    /// - Returns: false when one of the connections has ended.
    private func pass(
        from source: borrowing Descriptor, _ buffer: inout [UInt8], to target: borrowing Descriptor
    ) -> Bool {
        guard buffer.isEmpty else { return true }
        guard let bytes = source.receive(limit: 16 << 10) else { return false }
        buffer = bytes
        return flush(&buffer, to: target)
    }

    private func flush(_ buffer: inout [UInt8], to target: borrowing Descriptor) -> Bool {
        guard !buffer.isEmpty else { return true }
        guard let count = try? target.send(buffer[...]) else { return false }
        buffer.removeFirst(count)
        return true
    }

    private func end() {
        loop.unwatch(inner.number)
        loop.unwatch(outer.number)
        let ended = ended
        self.ended = nil
        ended?(self)
    }
}
