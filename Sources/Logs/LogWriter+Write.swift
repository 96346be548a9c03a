import Glibc
import LinuxSystem
import Model

extension LogWriter {
    /// One transfer from the pipe to the file, the end of an outage before it if there is one.
    ///
    /// - Returns: bytes taken; 0 when the pipe has ended, nil when it is empty.
    func write(atMost wanted: Int, _ result: inout DrainResult, _ tap: Tap?) throws(SystemError) -> Int? {
        if file == nil || outage != nil || file?.size ?? 0 >= files.maximumSize {
            // No file is made and none set aside before there is a byte for the next.
            switch pipe.pipeState {
            case .holdsBytes: break
            case .empty: return nil
            case .ended: return 0
            }
            if outage?.isMidLine == true { return try skipLine(atMost: wanted, tap) }
        }
        let file = try currentFile()
        if let outage {
            try append(outage.note, to: file)
            result.change = .recovered(droppedBytes: outage.droppedBytes)
            self.outage = nil
        }
        // The note of an outage may have filled the file; one byte too many is better than a loop of rotations.
        let count = min(wanted, max(1, files.maximumSize - file.size))
        let taken = canSplice ? try splice(to: file, count, &result, tap) : try copy(to: file, count, &result, tap)
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
        if file == nil { file = try LogFile(files) }
        if let file, file.size < files.maximumSize { return file }
        file = nil
        do { for step in try files.rotationSteps() { try files.perform(step) } } catch  where error.number == ENOENT {
            // Somebody took the file away: there is nothing to set aside.
        }
        let opened = try LogFile(files)
        file = opened
        return opened
    }

    private func splice(
        to file: LogFile, _ count: Int, _ result: inout DrainResult, _ tap: Tap?
    ) throws(SystemError) -> Int? {
        let begin = file.size
        do {
            guard let moved = try file.splice(from: pipe, count: count) else { return nil }
            if let tap { file.show(begin..<begin + moved, to: tap) }
            return moved
        } catch  where error.number == EINVAL {
            canSplice = false
            return try copy(to: file, count, &result, tap)
        }
    }

    /// For file systems that can't splice.
    private func copy(
        to file: LogFile, _ count: Int, _ result: inout DrainResult, _ tap: Tap?
    ) throws(SystemError) -> Int? {
        var buffer = [UInt8](repeating: 0, count: min(count, LogFile.block))
        guard let taken = try read(into: &buffer, tap) else { return nil }
        do { try file.append(buffer[...]) } catch {
            fail(error, at: .now, &result)
            outage?.add(dropped: buffer)
        }
        return taken
    }

    private func append(_ note: String, to file: LogFile) throws(SystemError) {
        try file.append(Array("\(file.endsMidLine() ? "\n" : "")\(note)".utf8)[...])
    }
}
