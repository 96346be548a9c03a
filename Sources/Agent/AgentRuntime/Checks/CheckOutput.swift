import LinuxSystem
import Model

/// The output of a health check's command, stdout and stderr together; only its end is kept.
final class CheckOutput {
    private let pipe: Descriptor
    private let number: Int32
    private let loop: EventLoop
    private var tail: [UInt8] = []

    /// - Parameter pipe: the non-blocking read end.
    init(_ pipe: consuming Descriptor, loop: EventLoop) {
        number = pipe.number
        self.pipe = pipe
        self.loop = loop
        try? loop.watch(number, for: .read) { [weak self] _ in self?.take() }
    }

    deinit { loop.unwatch(number) }

    /// The last line that is not blank, for people to read; nil when there is none.
    var lastWords: String? {
        // One read takes all that a pipe holds. A descendant that still writes gets no more of the loop's time.
        take()
        return LastWords.of(tail, limit: Limits.checkWords)
    }

    private func take() {
        var buffer = [UInt8](repeating: 0, count: Limits.checkRead)
        guard let count = try? pipe.take(into: &buffer) else { return }
        guard count > 0 else { return loop.unwatch(number) }
        tail = (tail + buffer[..<count]).suffix(Limits.checkTail)
    }
}
