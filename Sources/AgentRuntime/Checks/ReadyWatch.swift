import Glibc
import LinuxSystem
import Logs
import Model

/// Looks out for the sign that a process is up.
final class ReadyWatch {
    private let rules: ReadyRules
    private let loop: EventLoop
    /// The read end of what the process says it on.
    private let notification: Descriptor
    private let number: Int32
    private var found: (() -> Void)?
    private var probe: Probe?
    private var timer: TimerID?

    /// - Parameter found: called once, not before ``begin()``.
    init(
        _ rules: ReadyRules, notification: consuming Descriptor, loop: EventLoop, found: @escaping () -> Void
    ) {
        self.rules = rules
        self.loop = loop
        number = notification.number
        self.notification = notification
        self.found = found
    }

    deinit {
        loop.cancel(timer)
        loop.unwatch(number)
    }

    /// Watches what the process writes, when that shows it.
    func watch(_ process: ManagedProcess) {
        guard case .logLine(let text) = rules.sign else { return }
        process.watched.matcher = OutputMatcher(text) { [weak self] in self?.succeed() }
    }

    func begin() {
        switch rules.sign {
        case .logLine: break
        case .tcp(let endpoint): connect(to: endpoint)
        case .descriptor: watchNotification()
        }
    }

    /// A line is the sign (as s6's `notification-fd` has it).
    private func watchNotification() {
        try? loop.watch(number, for: .read) { [weak self, number] _ in
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = read(number, &bytes, bytes.count)
            if count > 0, bytes[..<count].contains(UInt8(ascii: "\n")) { self?.succeed() }
            // Closed without a word: it will never say so.
            if count == 0 { self?.loop.unwatch(number) }
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
