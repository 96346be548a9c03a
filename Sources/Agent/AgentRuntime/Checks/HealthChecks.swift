import LinuxSystem
import Model

/// Tests the health of a process repeatedly, by a command, a TCP connection or an HTTP request.
final class HealthChecks {
    /// Starts a command. Its completion gets nil when it succeeded, else the reason.
    typealias Run = (_ words: [String], _ completion: @escaping (String?) -> Void) -> RunningCheck?

    private let rules: HealthCheck
    private let loop: EventLoop
    private let run: Run
    private let changed: () -> Void
    private var timer: TimerID?
    private var command: RunningCheck?
    private var probe: Probe?
    private var failures = 0

    /// Nil until a test has succeeded, or `retries` tests in a row have failed.
    private(set) var isHealthy: Bool?
    /// Why the last test failed; nil when it succeeded.
    private(set) var reason: String?

    /// Why the process is unhealthy; nil when it is not.
    var ailment: String? { isHealthy == false ? reason : nil }

    /// - Parameter changed: called when ``isHealthy`` has changed; it may release this object.
    init(_ rules: HealthCheck, loop: EventLoop, run: @escaping Run, changed: @escaping () -> Void) {
        self.rules = rules
        self.loop = loop
        self.run = run
        self.changed = changed
        schedule(rules.interval) { [weak self] in self?.test() }
    }

    deinit {
        loop.cancel(timer)
        command?.cancel()
    }

    private func schedule(_ seconds: Double, _ action: @escaping () -> Void) {
        loop.cancel(timer)
        timer = loop.after(.seconds(seconds), action)
    }

    private func test() {
        let completion: (String?) -> Void = { [weak self] failure in self?.tested(failure) }
        switch rules.probe {
        case .command(let words):
            schedule(rules.timeout) { [weak self] in self?.timedOut() }
            command = run(words, completion)
        case .tcp(let endpoint):
            probe = .tcp(
                endpoint.address, port: endpoint.port, timeout: .seconds(rules.timeout), on: loop,
                completion: completion)
        case .http(let endpoint, let path):
            probe = .http(
                endpoint.address, port: endpoint.port, path: path, timeout: .seconds(rules.timeout), on: loop,
                completion: completion)
        }
    }

    private func timedOut() {
        let reason = "no result within \(rules.timeout) s"
        tested(command?.withLastWords(reason) ?? reason)
    }

    private func tested(_ failure: String?) {
        command?.cancel()
        command = nil
        probe = nil
        schedule(rules.interval) { [weak self] in self?.test() }
        reason = failure
        failures = failure == nil ? 0 : failures + 1
        let isHealthy = failures == 0 ? true : failures >= rules.retries ? false : self.isHealthy
        guard isHealthy != self.isHealthy else { return }
        self.isHealthy = isHealthy
        changed()
    }
}
