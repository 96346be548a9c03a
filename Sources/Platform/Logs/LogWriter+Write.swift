import Glibc
import LinuxSystem
import Model

extension LogWriter {
    /// One transfer from the pipe to the file, the end of an outage before it if there is one.
    ///
    /// - Returns: bytes taken; 0 when the pipe has ended, nil when it is empty.
    func write(
        atMost wanted: Int, at now: Instant, _ result: inout DrainResult, _ tap: Tap?
    ) throws(SystemError) -> Int? {
        if file == nil || outage != nil || file?.size ?? 0 >= files.maximumSize {
            // No file is made and none set aside before there is a byte for the next.
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
        // The note of an outage may have filled the file; one byte too many is better than a loop of rotations.
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

    /// What could not be written is what the next bytes are dropped for.
    func fail(_ error: SystemError, at now: Instant, _ result: inout DrainResult) {
        if outage == nil { result.change = .failed }
        let isMidLine = outage?.isMidLine ?? file?.endsMidLine() ?? false
        outage = LogOutage(
            reason: error, droppedBytes: outage?.droppedBytes ?? 0, retryAt: now + .seconds(Limits.logRetry),
            isMidLine: isMidLine)
        file = nil
    }

    /// The file to write to, with room for a byte.
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

    /// For file systems that can't splice.
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

    /// Appends a whole line, for which a torn one is ended.
    private func append(_ note: String, to file: LogFile) throws(SystemError) {
        try file.append(Array("\(file.endsMidLine() ? "\n" : "")\(note)".utf8)[...])
    }
}
