import Glibc
import LinuxSystem
import Model

/// Relays one connection of a guest to the broker, in both directions, until either side ends.
final class RelayedConnection {
    private let loop: EventLoop
    private let inner: Descriptor
    private var outer: Descriptor?
    private var outerNumber: Int32 = -1
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
        loop.unwatch(outerNumber)
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
        let number = socket.number
        outerNumber = number
        outer = consume socket
        do throws(SystemError) {
            for (descriptor, isInner) in [(inner.number, true), (number, false)] {
                try loop.watch(descriptor, for: .read) { [unowned self] in proceed(isInner: isInner, $0) }
            }
        } catch {
            end()
        }
    }

    private func proceed(isInner: Bool, _ readiness: Readiness) {
        let (own, other) = isInner ? (inner.number, outerNumber) : (outerNumber, inner.number)
        // Neither readable nor writable: the connection has ended and all data has been read.
        var isAlive = !readiness.isDisjoint(with: [.read, .write])
        if isAlive, readiness.contains(.write) {
            isAlive = isInner ? flush(&inward, to: own) : flush(&outward, to: own)
        }
        if isAlive, readiness != .write {
            isAlive = isInner ? pass(from: own, &outward, to: other) : pass(from: own, &inward, to: other)
        }
        guard isAlive else { return end() }
        // Read from a side only if the other side has accepted everything, and wait for write readiness otherwise.
        try? loop.change(inner.number, to: interests(reads: outward.isEmpty, writes: !inward.isEmpty))
        try? loop.change(outerNumber, to: interests(reads: inward.isEmpty, writes: !outward.isEmpty))
    }

    private func interests(reads: Bool, writes: Bool) -> Readiness {
        [reads ? .read : [], writes ? .write : []]
    }

    /// - Returns: false when one of the connections has ended.
    private func pass(from source: Int32, _ buffer: inout [UInt8], to target: Int32) -> Bool {
        guard buffer.isEmpty else { return true }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = recv(source, &bytes, bytes.count, 0)
        guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
        buffer = Array(bytes.prefix(count))
        return flush(&buffer, to: target)
    }

    private func flush(_ buffer: inout [UInt8], to target: Int32) -> Bool {
        guard !buffer.isEmpty else { return true }
        let count = buffer.withUnsafeBytes { send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count >= 0 else { return errno == EAGAIN || errno == EINTR }
        buffer.removeFirst(count)
        return true
    }

    private func end() {
        loop.unwatch(inner.number)
        loop.unwatch(outerNumber)
        let ended = ended
        self.ended = nil
        ended?(self)
    }
}
