import LinuxSystem
import Logs

/// One output stream of a process: its pipe, and from the first byte on a ``LogWriter``. Most processes write nothing,
/// and a writer takes much memory.
final class OutputStream {
    let number: Int32
    private let isNew: Bool
    private var pipe: Descriptor?
    private(set) var writer: LogWriter?

    /// - Parameter isNew: whether nothing has come through the pipe yet; false for an adopted process.
    init(_ pipe: consuming Descriptor, isNew: Bool) {
        number = pipe.number
        self.isNew = isNew
        self.pipe = consume pipe
    }

    func drain(into files: @autoclosure () -> LogFiles, tap: LogWriter.Tap?) -> DrainResult {
        writer(of: files()).drain(tap: tap)
    }

    /// Takes what is left in the pipe; nil when that is nothing.
    func finish(into files: @autoclosure () -> LogFiles, tap: LogWriter.Tap?) -> DrainResult? {
        // Nothing was ever written: no writer is needed.
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
