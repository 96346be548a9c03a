import var Glibc.EINVAL
import LinuxSystem
import Model

extension LogWriter {
    /// One transfer from the pipe to the file. Ends an outage before it, if there is one.
    ///
    /// - Returns: the number of bytes taken; 0 if the pipe has ended, nil if it is empty.
    func write(
        atMost wanted: Int, at now: Instant, _ result: inout DrainResult, _ tap: Tap?
    ) throws(SystemError) -> Int? {
        if file == nil || outage != nil || file?.size ?? 0 >= files.maximumSize {
            // Don't create or rotate a file before there is a byte for the next one.
            switch pipe.pipeState {
            case .holdsBytes: break
            case .empty: return nil
            case .ended: return 0
            }
            if outage?.isMidLine == true { return skipLine(atMost: wanted, tap) }
        }
        let file = try currentFile()
        let begin = file.size
        let time = WallClock.microseconds
        if let outage {
            try append(outage.note, to: file)
            result.change = .recovered(droppedBytes: outage.droppedBytes)
            self.outage = nil
        }
        if beginsProcess, file.endsMidLine() { try append("", to: file) }
        beginsProcess = false
        // The note of an outage may have filled the file. Exceeding the size by a byte is better than rotating in a
        // loop.
        let count = min(wanted, max(1, files.maximumSize - file.size))
        var taken: Int?
        if canSplice {
            do { taken = try splice(to: file, count, tap) } catch  where error.number == EINVAL { canSplice = false }
        }
        if !canSplice { taken = copy(to: file, count, at: now, &result, tap) }
        if file.size > begin { file.noteArrival(from: begin, at: time) }
        if let taken, taken < count, canSplice { result.rest = .nothing }
        return taken
    }

    /// Starts or prolongs an outage, during which bytes are dropped.
    func fail(_ error: SystemError, at now: Instant, _ result: inout DrainResult) {
        if outage == nil { result.change = .failed }
        let isMidLine = outage?.isMidLine ?? file?.endsMidLine() ?? false
        outage = LogOutage(
            reason: error, droppedBytes: outage?.droppedBytes ?? 0, retryAt: now + .seconds(Limits.logRetry),
            isMidLine: isMidLine)
        file = nil
    }

    /// The file to write to, with room for at least one byte.
    private func currentFile() throws(SystemError) -> LogFile {
        let opened = try files.open(after: file)
        file = opened
        return opened
    }

    private func splice(to file: LogFile, _ count: Int, _ tap: Tap?) throws(SystemError) -> Int? {
        let begin = file.size
        guard let moved = try file.splice(from: pipe, count: count) else { return nil }
        if let tap { file.show(begin..<begin + moved, to: tap) }
        return moved
    }

    /// For file systems without splice.
    private func copy(
        to file: LogFile, _ count: Int, at now: Instant, _ result: inout DrainResult, _ tap: Tap?
    ) -> Int? {
        var buffer = [UInt8](repeating: 0, count: min(count, LogFile.block))
        guard let taken = take(into: &buffer, tap) else { return nil }
        do { try file.append(buffer[...]) } catch {
            fail(error, at: now, &result)
            outage?.add(dropped: buffer)
        }
        return taken
    }

    /// Appends a line, after ending an unfinished one.
    private func append(_ note: String, to file: LogFile) throws(SystemError) {
        try file.append(Array("\(file.endsMidLine() ? "\n" : "")\(note)".utf8)[...])
    }
}
