import LinuxSystem

/// Forwards an output stream of QEMU to one of the runner's. The agent logs the latter as the output of the VM.
final class ConsoleForwarder {
    private let pipe: Descriptor
    private let target: Descriptor
    private let loop: EventLoop
    private let look: ([UInt8]) -> Void
    /// Bytes that the target has not accepted yet.
    private var rest: [UInt8] = []
    private var isWaiting = false

    /// - Parameters:
    ///   - pipe: the read end; QEMU writes to the other end.
    ///   - target: the runner's stdout (1) or stderr (2).
    ///   - look: receives a copy of everything that is forwarded.
    init(
        _ pipe: consuming Descriptor, to target: Int32, on loop: EventLoop, look: @escaping ([UInt8]) -> Void
    ) throws(SystemError) {
        self.pipe = pipe
        self.target = Descriptor(copying: target)
        self.loop = loop
        self.look = look
        self.target.stopBlocking()
        try loop.watch(self.pipe.number, for: .read) { [unowned self] _ in _ = drain() }
    }

    deinit {
        loop.unwatch(pipe.number)
        if isWaiting { loop.unwatch(target.number) }
    }

    /// Forwards available bytes.
    ///
    /// - Returns: whether there were any.
    private func drain() -> Bool {
        guard rest.isEmpty else { return false }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        guard let count = try? pipe.take(into: &bytes) else { return false }
        guard count > 0 else {
            loop.unwatch(pipe.number)
            return false
        }
        rest = Array(bytes.prefix(count))
        look(rest)
        flush()
        return true
    }

    /// Forwards the rest after the end of QEMU.
    func finish() { while drain() {} }

    private func flush() {
        if let count = try? target.writeSome(rest[...]) { rest.removeFirst(count) }
        // When the agent does not read, or reads too slowly, the pipe from QEMU fills up and QEMU blocks.
        guard rest.isEmpty == isWaiting else { return }
        isWaiting = !rest.isEmpty
        try? loop.change(pipe.number, to: isWaiting ? [] : .read)
        if isWaiting {
            try? loop.watch(target.number, for: .write) { [unowned self] _ in flush() }
        } else {
            loop.unwatch(target.number)
        }
    }
}
