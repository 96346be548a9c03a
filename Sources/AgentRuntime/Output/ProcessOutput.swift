import LinuxSystem
import Logs
import Model

/// What one process writes: its two pipes, drained into its files as it comes.
final class ProcessOutput {
    private let loop: EventLoop
    private let writers: [(stream: LogStream, writer: LogWriter)]
    /// Told when streams can no longer be written, or can again.
    private let outageChanged: (LogOutage?) -> Void
    /// Who looks on; most processes have nobody.
    var onlookers: Onlookers?

    /// - Parameter isNew: whether the process begins with this, as one that is adopted does not.
    init(
        _ id: Name, _ rules: LogRules, directory: String, isNew: Bool, output: consuming Descriptor,
        error: consuming Descriptor, loop: EventLoop, outageChanged: @escaping (LogOutage?) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.outageChanged = outageChanged
        writers = [
            (
                .stdout,
                LogWriter(pipe: output, files: .init(of: id, .stdout, rules, in: directory), beginsProcess: isNew)
            ),
            (
                .stderr,
                LogWriter(pipe: error, files: .init(of: id, .stderr, rules, in: directory), beginsProcess: isNew)
            ),
        ]
        for (stream, writer) in writers {
            let number = writer.pipeNumber
            try loop.watch(number, for: .read) { [unowned self, unowned writer] _ in
                let result = writer.drain(tap: tap(of: stream))
                if result.change != nil { outageChanged(writer.outage) }
                if result.rest == .ended { loop.unwatch(number) }
            }
        }
    }

    private func tap(of stream: LogStream) -> LogWriter.Tap? {
        onlookers.map { onlookers in { onlookers.see($0, on: stream) } }
    }

    /// Takes what is left in the pipes, once all that could write is gone.
    func finish() {
        for (stream, writer) in writers {
            loop.unwatch(writer.pipeNumber)
            if writer.finish(tap: tap(of: stream)).change != nil { outageChanged(writer.outage) }
        }
        onlookers?.ended()
    }
}

extension LogFiles {
    init(of id: Name, _ stream: LogStream, _ rules: LogRules, in directory: String) {
        self.init(directory: directory, name: "\(id).\(stream.rawValue)", rules: rules)
    }
}
