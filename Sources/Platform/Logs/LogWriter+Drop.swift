import LinuxSystem
import Model

/// Taking bytes that can't be written.
extension LogWriter {
    /// - Returns: bytes taken; 0 when the pipe has ended, nil when it is empty.
    func drop(atMost wanted: Int, _ tap: Tap?) -> Int? {
        take(atMost: min(wanted, LogFile.block), tap)
    }

    /// Drops the rest of a line whose beginning was dropped, so that writing starts again with a whole one. It goes byte by
    /// byte: what follows the newline has to stay in the pipe, and a pipe can't be looked into.
    func skipLine(atMost wanted: Int, _ tap: Tap?) -> Int? {
        var skipped = 0
        while skipped < min(wanted, Limits.logSkip), outage?.isMidLine == true {
            guard let taken = take(atMost: 1, tap), taken > 0 else { return skipped > 0 ? skipped : nil }
            skipped += taken
        }
        return skipped
    }

    private func take(atMost count: Int, _ tap: Tap?) -> Int? {
        var buffer = [UInt8](repeating: 0, count: count)
        guard let taken = take(into: &buffer, tap) else { return nil }
        outage?.add(dropped: buffer)
        return taken
    }

    /// Takes bytes out of the pipe and shows them. A pipe that can't be read counts as empty.
    ///
    /// - Parameter buffer: its length is that of what was read afterwards.
    func take(into buffer: inout [UInt8], _ tap: Tap?) -> Int? {
        let taken = (try? pipe.take(into: &buffer)) ?? nil
        buffer.removeLast(buffer.count - (taken ?? 0))
        if !buffer.isEmpty { tap?(buffer[...]) }
        return taken
    }
}
