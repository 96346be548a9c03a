import LinuxSystem
import Model

/// The pipe on which a process reports that it is ready (`ready.fd`). It is read for as long as the process lives: a
/// process that keeps writing would block when the pipe is full, or die of SIGPIPE when the read end is closed.
final class ReadyPipe {
    private let loop: EventLoop
    private let number: Int32
    private var pipe: Descriptor?
    private var foundLine: (() -> Void)?
    private var pause: TimerID?

    /// - Parameter pipe: the non-blocking read end.
    init(_ pipe: consuming Descriptor, loop: EventLoop) {
        self.loop = loop
        number = pipe.number
        self.pipe = consume pipe
    }

    deinit { close() }

    /// Starts reading.
    ///
    /// - Parameter foundLine: called once, at the first newline (the protocol of s6's `notification-fd`).
    func read(foundLine: (() -> Void)? = nil) {
        self.foundLine = foundLine
        watch()
    }

    private func watch() {
        try? loop.watch(number, for: .read) { [weak self] _ in self?.take() }
    }

    private func take() {
        withUnsafeTemporaryAllocation(byteCount: Limits.readyRead, alignment: 1) { bytes in
            guard let count = try? pipe?.take(into: bytes) else { return }
            // All write ends are closed.
            if count == 0 { return close() }
            if bytes[..<count].contains(UInt8(ascii: "\n")), let found = foundLine.take() { found() }
            // After the report, all else is discarded. The pause bounds the time that a process which writes much
            // takes.
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
