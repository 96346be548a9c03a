import LinuxSystem
import Model

/// Taking bytes that can't be written.
extension LogWriter {
    /// - Returns: the number of bytes taken; 0 if the pipe has ended, nil if it is empty.
    func drop(atMost wanted: Int, _ tap: Tap?) -> Int? {
        take(atMost: min(wanted, LogFile.block), tap)
    }

    /// Drops the rest of a line that was partly dropped, so that writing resumes with a whole line. It takes single
    /// bytes, because what follows the newline must stay in the pipe.
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

    /// Takes bytes from the pipe and shows them to the tap. A pipe that can't be read counts as empty.
    ///
    /// - Parameter buffer: shortened to the bytes read.
    func take(into buffer: inout [UInt8], _ tap: Tap?) -> Int? {
        let taken = (try? pipe.take(into: &buffer)) ?? nil
        buffer.removeLast(buffer.count - (taken ?? 0))
        if !buffer.isEmpty { tap?(buffer[...]) }
        return taken
    }
}
