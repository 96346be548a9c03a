import LinuxSystem
import Logs
import Model

/// What one process writes: its two pipes, drained into its files as it comes.
final class ProcessOutput {
    /// Sees the bytes of one stream as they come, in pieces of any length.
    typealias Tap = (LogStream, UnsafeRawBufferPointer) -> Void

    private let loop: EventLoop
    private let output: LogWriter
    private let error: LogWriter
    /// Told when a stream can no longer be written, or can again.
    private let outageChanged: (LogOutage?) -> Void
    /// While somebody looks on.
    var tap: Tap?

    init(
        _ id: Name, _ rules: LogRules, directory: String, output: consuming Descriptor, error: consuming Descriptor,
        loop: EventLoop, outageChanged: @escaping (LogOutage?) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.outageChanged = outageChanged
        self.output = LogWriter(pipe: output, files: .init(of: id, .stdout, rules, in: directory))
        self.error = LogWriter(pipe: error, files: .init(of: id, .stderr, rules, in: directory))
        try watch(self.output, .stdout)
        try watch(self.error, .stderr)
    }

    private func watch(_ writer: LogWriter, _ stream: LogStream) throws(SystemError) {
        let number = writer.pipeNumber
        try loop.watch(number, for: .read) { [unowned self] _ in
            let result = writer.drain(tap: tap(of: stream))
            if result.change != nil { outageChanged(writer.outage) }
            if result.rest == .ended { loop.unwatch(number) }
        }
    }

    private func tap(of stream: LogStream) -> LogWriter.Tap? {
        tap.map { tap in { tap(stream, $0) } }
    }

    /// Takes what is left in the pipes, once all that could write is gone.
    func finish() {
        for (writer, stream) in [(output, LogStream.stdout), (error, .stderr)] {
            if writer.finish(tap: tap(of: stream)).change != nil { outageChanged(writer.outage) }
            loop.unwatch(writer.pipeNumber)
        }
    }
}

extension LogFiles {
    init(of id: Name, _ stream: LogStream, _ rules: LogRules, in directory: String) {
        self.init(directory: directory, name: "\(id).\(stream.rawValue)", rules: rules)
    }
}
