import LinuxSystem
import Logs
import Model

/// Watches for the sign that a process is ready: a log line, a TCP port that accepts, or a line on `ready.fd`.
final class ReadyWatch {
    private let rules: ReadyRules
    private let loop: EventLoop
    private let pipe: ReadyPipe?
    private var found: (() -> Void)?
    private var probe: Probe?
    private var timer: TimerID?

    /// - Parameters:
    ///   - pipe: the pipe of `ready.fd`; needed only for that sign.
    ///   - found: called once, and not before ``begin()``.
    init(_ rules: ReadyRules, pipe: ReadyPipe?, loop: EventLoop, found: @escaping () -> Void) {
        self.rules = rules
        self.loop = loop
        self.pipe = pipe
        self.found = found
    }

    deinit { loop.cancel(timer) }

    /// Watches the output of the process, if the sign is a log line. To be called before its output is read.
    func watch(_ id: Name, _ subscriptions: OutputSubscriptions) {
        guard case .logLine(let text) = rules.sign else { return }
        subscriptions.subscribers(of: id).match(text) { [weak self] in self?.succeed() }
    }

    func begin() {
        switch rules.sign {
        case .logLine: break
        case .tcp(let endpoint): connect(to: endpoint)
        case .descriptor: pipe?.read { [weak self] in self?.succeed() }
        }
    }

    private func connect(to endpoint: Endpoint) {
        probe = .tcp(
            endpoint.address, port: endpoint.port, timeout: .seconds(rules.timeout), on: loop
        ) { [weak self] failure in
            guard let self else { return }
            guard failure != nil else { return succeed() }
            timer = loop.after(.seconds(Limits.readyRecheck)) { [weak self] in self?.connect(to: endpoint) }
        }
    }

    private func succeed() {
        let found = found
        self.found = nil
        found?()
    }
}
