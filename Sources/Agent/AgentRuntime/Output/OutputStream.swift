import LinuxSystem
import Logs

/// One stream of a process: its pipe, and once something has come, what writes it down. Most processes are silent, and a
/// writer is large.
final class OutputStream {
    let number: Int32
    private let isNew: Bool
    private var pipe: Descriptor?
    private(set) var writer: LogWriter?

    /// - Parameter isNew: whether a process begins with it.
    init(_ pipe: consuming Descriptor, isNew: Bool) {
        number = pipe.number
        self.isNew = isNew
        self.pipe = consume pipe
    }

    func drain(into files: @autoclosure () -> LogFiles, tap: LogWriter.Tap?) -> DrainResult {
        writer(of: files()).drain(tap: tap)
    }

    /// Takes what is left; nil when there is nothing.
    func finish(into files: @autoclosure () -> LogFiles, tap: LogWriter.Tap?) -> DrainResult? {
        // Nothing ever came, and nothing is there.
        if writer == nil, pipe?.waitingBytes == 0 { return nil }
        return writer(of: files()).finish(tap: tap)
    }

    private func writer(of files: LogFiles) -> LogWriter {
        if let writer { return writer }
        let writer = LogWriter(pipe: pipe.take() ?? Descriptor(owning: -1), files: files, beginsProcess: isNew)
        self.writer = writer
        return writer
    }
}
