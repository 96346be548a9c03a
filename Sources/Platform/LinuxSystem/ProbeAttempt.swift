import Glibc

/// A probe of one address: connects and, if there is a request, checks the status of the answer. It has no deadline of
/// its own.
///
/// Releasing it cancels it; `completion` is not called.
final class ProbeAttempt {
    private enum Step {
        case connecting
        /// The request, and how much of it has been sent.
        case sending([UInt8], Int)
        case reading
    }

    private let loop: EventLoop
    private let address: SocketAddress
    /// Nil: only connect.
    private let request: [UInt8]?
    private var completion: Probe.Completion?
    private var socket: Descriptor?
    private var number: Int32 = -1
    private var step = Step.connecting
    private var answer: [UInt8] = []
    private var failing: TimerID?

    /// - Parameter completion: called once, never before the initializer has returned.
    init(
        _ address: SocketAddress, request: [UInt8]?, on loop: EventLoop, completion: @escaping Probe.Completion
    ) {
        self.loop = loop
        self.address = address
        self.request = request
        self.completion = completion
        guard let failure = connect() else { return }
        failing = loop.after(.zero) { [weak self] in self?.finish(failure) }
    }

    deinit { cleanUp() }

    /// - Returns: the reason of a failure; nil if the connection is being made.
    private func connect() -> String? {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        number = Glibc.socket(address.family, type, 0)
        guard number >= 0 else { return SystemError.reason(errno) }
        socket = Descriptor(owning: number)
        let result = address.withPointer { Glibc.connect(number, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else { return SystemError.reason(errno) }
        do throws(SystemError) {
            try loop.watch(number, for: .write) { [weak self] _ in self?.proceed() }
            return nil
        } catch {
            return error.reason
        }
    }

    private func proceed() {
        switch step {
        case .connecting: connected()
        case .sending(let request, let sent): send(request, from: sent)
        case .reading: receive()
        }
    }

    private func connected() {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &length)
        // If nothing listens, a socket may be assigned the port that it connects to, and so connect to itself.
        if error == 0, address.isLocal(to: number) { error = ECONNREFUSED }
        guard error == 0 else { return finish(SystemError.reason(error)) }
        guard let request else { return finish(nil) }
        send(request, from: 0)
    }

    private func send(_ request: [UInt8], from start: Int) {
        do throws(SystemError) {
            let sent = start + (try socket?.send(request[start...]) ?? 0)
            step = sent < request.count ? .sending(request, sent) : .reading
            if case .reading = step { try loop.change(number, to: .read) }
        } catch {
            finish(error.reason)
        }
    }

    private func receive() {
        var bytes = [UInt8](repeating: 0, count: HTTPStatus.length - answer.count)
        do throws(SystemError) {
            guard let count = try socket?.take(into: &bytes) else { return }
            answer += bytes.prefix(count)
            guard count == 0 || answer.count == HTTPStatus.length else { return }
        } catch {
            return finish(error.reason)
        }
        guard let status = HTTPStatus(answer) else { return finish("no http answer") }
        finish((200...399).contains(status.code) ? nil : "http status \(status.code)")
    }

    private func finish(_ failure: String?) {
        cleanUp()
        let completion = completion
        self.completion = nil
        completion?(failure)
    }

    private func cleanUp() {
        loop.cancel(failing)
        failing = nil
        guard number >= 0 else { return }
        loop.unwatch(number)
        socket = nil
        number = -1
    }
}
