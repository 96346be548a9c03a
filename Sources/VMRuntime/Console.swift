import Glibc
import LinuxSystem
import Logs

/// What the guest's console shows: it goes on to this program's stdout, which is the log of the machine.
final class Console {
    private let pipe: Descriptor
    private let loop: EventLoop
    private let panicked: () -> Void
    private var matcher = LineMatcher("Kernel panic - not syncing")
    /// What stdout did not take.
    private var rest: [UInt8] = []
    private var isWaiting = false

    /// - Parameters:
    ///   - pipe: QEMU writes to its other end.
    ///   - panicked: called once at most.
    init(_ pipe: consuming Descriptor, on loop: EventLoop, panicked: @escaping () -> Void) throws(SystemError) {
        self.pipe = pipe
        self.loop = loop
        self.panicked = panicked
        _ = fcntl(1, F_SETFL, O_NONBLOCK)
        try loop.watch(self.pipe.number, for: .read) { [unowned self] _ in _ = drain() }
    }

    deinit {
        loop.unwatch(pipe.number)
        if isWaiting { loop.unwatch(1) }
    }

    /// Passes on what is there.
    ///
    /// - Returns: whether there was something.
    private func drain() -> Bool {
        guard rest.isEmpty else { return false }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = read(pipe.number, &bytes, bytes.count)
        if count == 0 { loop.unwatch(pipe.number) }
        guard count > 0 else { return false }
        rest = Array(bytes.prefix(count))
        if matcher.finds(in: rest[...]) {
            matcher = LineMatcher("Kernel panic - not syncing")
            panicked()
        }
        flush()
        return true
    }

    /// Takes the last of it once QEMU is gone.
    func finish() { while drain() {} }

    private func flush() {
        let count = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
        if count > 0 { rest.removeFirst(count) }
        // Nobody takes it, or too slowly: then the guest waits, too.
        guard rest.isEmpty == isWaiting else { return }
        isWaiting = !rest.isEmpty
        try? loop.change(pipe.number, to: isWaiting ? [] : .read)
        if isWaiting { try? loop.watch(1, for: .write) { [unowned self] _ in flush() } } else { loop.unwatch(1) }
    }
}
