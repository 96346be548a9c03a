import Glibc
import LinuxSystem

/// What QEMU writes: it goes on to a stream of this program's, which is the log of the VM.
final class ConsoleForwarder {
    private let pipe: Descriptor
    private let target: Int32
    private let loop: EventLoop
    private let look: ([UInt8]) -> Void
    /// What the target did not take.
    private var rest: [UInt8] = []
    private var isWaiting = false

    /// - Parameters:
    ///   - pipe: QEMU writes to its other end.
    ///   - target: 1 or 2.
    ///   - look: gets all that is passed on.
    init(
        _ pipe: consuming Descriptor, to target: Int32, on loop: EventLoop, look: @escaping ([UInt8]) -> Void
    ) throws(SystemError) {
        self.pipe = pipe
        self.target = target
        self.loop = loop
        self.look = look
        _ = fcntl(target, F_SETFL, O_NONBLOCK)
        try loop.watch(self.pipe.number, for: .read) { [unowned self] _ in _ = drain() }
    }

    deinit {
        loop.unwatch(pipe.number)
        if isWaiting { loop.unwatch(target) }
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
        look(rest)
        flush()
        return true
    }

    /// Takes the last of it once QEMU is gone.
    func finish() { while drain() {} }

    private func flush() {
        let count = rest.withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
        if count > 0 { rest.removeFirst(count) }
        // Nobody takes it, or too slowly: then QEMU waits, too.
        guard rest.isEmpty == isWaiting else { return }
        isWaiting = !rest.isEmpty
        try? loop.change(pipe.number, to: isWaiting ? [] : .read)
        if isWaiting {
            try? loop.watch(target, for: .write) { [unowned self] _ in flush() }
        } else {
            loop.unwatch(target)
        }
    }
}
