/// One check of a server: whether it listens, or whether it answers an HTTP request well. Runs on the loop without
/// blocking.
///
/// `localhost` is both loopback addresses, of which one good answer is enough. The second address is tried when the
/// first has failed or has not answered within half of the timeout.
///
/// Releasing a probe cancels it; `completion` is not called.
package final class Probe {
    /// Called once, never before the initializer has returned: with nil on success, else with a lower-case phrase.
    package typealias Completion = (_ failure: String?) -> Void

    private let loop: EventLoop
    /// Nil: only connect.
    private let request: [UInt8]?
    private var completion: Completion?
    private let addresses: [SocketAddress]
    /// Attempts for the first addresses, in the same order.
    private var attempts: [ProbeAttempt] = []
    private var failures: [Int: String] = [:]
    private var deadline: TimerID?
    private var impatience: TimerID?

    /// Checks whether a server listens at an IP address (in digits) or `localhost`, and a port.
    package static func tcp(
        _ host: String, port: UInt16, timeout: Duration, on loop: EventLoop, completion: @escaping Completion
    ) -> Probe {
        Probe(host, port, request: nil, timeout, loop, completion)
    }

    /// Checks whether GET of `path`, which begins with a slash, is answered with a status from 200 to 399.
    package static func http(
        _ host: String, port: UInt16, path: String, timeout: Duration, on loop: EventLoop,
        completion: @escaping Completion
    ) -> Probe {
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        // HTTP/1.0: the answer is not chunked, and the connection ends with it.
        let request = "GET \(path) HTTP/1.0\r\nHost: \(name):\(port)\r\nUser-Agent: pmqtt\r\nAccept: */*\r\n\r\n"
        return Probe(host, port, request: Array(request.utf8), timeout, loop, completion)
    }

    private init(
        _ host: String, _ port: UInt16, request: [UInt8]?, _ timeout: Duration, _ loop: EventLoop,
        _ completion: @escaping Completion
    ) {
        self.loop = loop
        self.request = request
        self.completion = completion
        addresses = SocketAddress.all(of: host, port: port)
        guard !addresses.isEmpty else {
            deadline = loop.after(.zero) { [weak self] in self?.finish("not an IP address: \(host)") }
            return
        }
        deadline = loop.after(timeout) { [weak self] in self?.timedOut() }
        impatience = loop.after(timeout / 2) { [weak self] in self?.tryNext() }
        tryNext()
    }

    deinit { cleanUp() }

    private func tryNext() {
        let index = attempts.count
        guard index < addresses.count else { return }
        attempts.append(
            ProbeAttempt(addresses[index], request: request, on: loop) { [weak self] in self?.attempted(index, $0) })
    }

    private func attempted(_ index: Int, _ failure: String?) {
        guard let failure else { return finish(nil) }
        failures[index] = failure
        tryNext()
        if failures.count == addresses.count { finish(reason) }
    }

    private func timedOut() {
        for index in addresses.indices where failures[index] == nil { failures[index] = "timed out" }
        finish(reason)
    }

    /// The failure of each address, or one phrase if all are equal. An address that this host does not have is ignored.
    private var reason: String {
        let all = addresses.indices.compactMap { index in failures[index].map { (addresses[index], $0) } }
        let present = all.filter { !SocketAddress.offlineSince.contains($0.1) }
        let telling = present.isEmpty ? all : present
        guard Set(telling.map(\.1)).count > 1 else { return telling.first?.1 ?? "timed out" }
        return telling.map { "\($0): \($1)" }.joined(separator: ", ")
    }

    private func finish(_ failure: String?) {
        cleanUp()
        let completion = completion
        self.completion = nil
        completion?(failure)
    }

    private func cleanUp() {
        loop.cancel(deadline)
        loop.cancel(impatience)
        attempts = []
    }
}
