import LinuxSystem
import Logs
import Model

/// Looks out for the sign that a process is up.
final class ReadyWatch {
    private let rules: ReadyRules
    private let loop: EventLoop
    private let pipe: ReadyPipe?
    private var found: (() -> Void)?
    private var probe: Probe?
    private var timer: TimerID?

    /// - Parameters:
    ///   - pipe: what the process says it on, when it is to.
    ///   - found: called once, not before ``begin()``.
    init(_ rules: ReadyRules, pipe: ReadyPipe?, loop: EventLoop, found: @escaping () -> Void) {
        self.rules = rules
        self.loop = loop
        self.pipe = pipe
        self.found = found
    }

    deinit { loop.cancel(timer) }

    /// Watches what the process writes, when that shows it.
    func watch(_ process: ManagedProcess) {
        guard case .logLine(let text) = rules.sign else { return }
        process.watched.matcher = OutputMatcher(text) { [weak self] in self?.succeed() }
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
