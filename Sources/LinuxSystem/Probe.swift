import Glibc

/// One question to a server: does it listen, or does it answer well? The loop goes on meanwhile.
///
/// Who lets go of it is told nothing.
package final class Probe {
    /// Called once, never before the initializer has returned: with nil when all is well, else with a lower-case phrase.
    package typealias Completion = (_ failure: String?) -> Void

    private enum Step {
        case connecting
        /// The request, and how much of it has been sent.
        case sending([UInt8], Int)
        case reading
    }

    private let loop: EventLoop
    private let address: SocketAddress?
    /// Nil asks only for a connection.
    private let request: [UInt8]?
    private var completion: Completion?
    private var socket: Descriptor?
    private var number: Int32 = -1
    private var step = Step.connecting
    private var answer: [UInt8] = []
    private var deadline: TimerID?

    /// Asks whether somebody listens at an IP address (in digits) and a port.
    package static func tcp(
        _ address: String, port: UInt16, timeout: Duration, on loop: EventLoop, completion: @escaping Completion
    ) -> Probe {
        Probe(address, port, request: nil, timeout, loop, completion)
    }

    /// Asks whether GET of `path`, which begins with a slash, is answered with a status from 200 to 399.
    package static func http(
        _ address: String, port: UInt16, path: String, timeout: Duration, on loop: EventLoop,
        completion: @escaping Completion
    ) -> Probe {
        let host = address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address
        // HTTP/1.0: the answer is no stream of chunks, and the connection ends with it.
        let request = "GET \(path) HTTP/1.0\r\nHost: \(host):\(port)\r\nUser-Agent: pmqtt\r\nAccept: */*\r\n\r\n"
        return Probe(address, port, request: Array(request.utf8), timeout, loop, completion)
    }

    private init(
        _ address: String, _ port: UInt16, request: [UInt8]?, _ timeout: Duration, _ loop: EventLoop,
        _ completion: @escaping Completion
    ) {
        self.loop = loop
        self.request = request
        self.completion = completion
        self.address = SocketAddress(address, port: port)
        deadline = loop.after(timeout) { [weak self] in self?.finish("timed out") }
        let failure = self.address.map { connect(to: $0) } ?? "not an IP address: \(address)"
        guard let failure else { return }
        loop.cancel(deadline)
        deadline = loop.after(.zero) { [weak self] in self?.finish(failure) }
    }

    deinit { cleanUp() }

    /// - Returns: why it can't be.
    private func connect(to address: SocketAddress) -> String? {
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
        // Where nobody listens, a socket may by chance be given the very port it wants to reach, and reaches itself.
        if error == 0, address?.isLocal(to: number) == true { error = ECONNREFUSED }
        guard error == 0 else { return finish(SystemError.reason(error)) }
        guard let request else { return finish(nil) }
        send(request, from: 0)
    }

    private func send(_ request: [UInt8], from start: Int) {
        let count = request[start...].withUnsafeBytes {
            Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count >= 0 || errno == EAGAIN || errno == EINTR else { return finish(SystemError.reason(errno)) }
        let sent = start + max(0, count)
        step = sent < request.count ? .sending(request, sent) : .reading
        guard case .reading = step else { return }
        do throws(SystemError) { try loop.change(number, to: .read) } catch { finish(error.reason) }
    }

    private func receive() {
        var bytes = [UInt8](repeating: 0, count: HTTPStatus.length - answer.count)
        let count = recv(number, &bytes, bytes.count, 0)
        if count < 0 {
            if errno != EAGAIN, errno != EINTR { finish(SystemError.reason(errno)) }
            return
        }
        answer += bytes.prefix(count)
        guard count == 0 || answer.count == HTTPStatus.length else { return }
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
        loop.cancel(deadline)
        deadline = nil
        guard number >= 0 else { return }
        loop.unwatch(number)
        socket = nil
        number = -1
    }
}
