import Glibc
import LinuxSystem
import Model

/// What a process says on `ready.fd` that it is up. It is read for as long as the process lives: one that goes on writing
/// would block when the pipe is full, or die of SIGPIPE when it was closed.
final class ReadyPipe {
    private let loop: EventLoop
    private let number: Int32
    private var pipe: Descriptor?
    private var foundLine: (() -> Void)?
    private var pause: TimerID?

    /// - Parameter pipe: the read end, which does not block.
    init(_ pipe: consuming Descriptor, loop: EventLoop) {
        self.loop = loop
        number = pipe.number
        self.pipe = consume pipe
    }

    deinit { close() }

    /// Reads from now on.
    ///
    /// - Parameter foundLine: called once, at the end of the first line (as s6's `notification-fd` has it).
    func read(foundLine: (() -> Void)? = nil) {
        self.foundLine = foundLine
        watch()
    }

    private func watch() {
        try? loop.watch(number, for: .read) { [weak self] _ in self?.take() }
    }

    private func take() {
        withUnsafeTemporaryAllocation(byteCount: Limits.readyRead, alignment: 1) { bytes in
            let count = Glibc.read(number, bytes.baseAddress, bytes.count)
            // Closed by all that had it.
            if count == 0 { return close() }
            guard count > 0 else { return }
            if bytes[..<count].contains(UInt8(ascii: "\n")), let found = foundLine.take() { found() }
            // Said already: what else is written is thrown away, and costs little time however much it is.
            if foundLine == nil { rest() }
        }
    }

    private func rest() {
        guard pipe != nil else { return }
        loop.unwatch(number)
        pause = loop.after(.seconds(Limits.readyPause)) { [weak self] in self?.watch() }
    }

    private func close() {
        loop.cancel(pause)
        guard pipe != nil else { return }
        loop.unwatch(number)
        pipe = nil
    }
}
