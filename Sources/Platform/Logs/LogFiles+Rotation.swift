import var Glibc.ENOENT
import var Glibc.O_CREAT
import var Glibc.O_NOCTTY
import var Glibc.O_RDONLY
import var Glibc.O_TRUNC
import var Glibc.O_WRONLY
package import LinuxSystem

/// Rotation: setting the current file aside at the end of a line.
///
/// A file is filled to its last byte. Then the unfinished line at its end is copied to the next file, before any
/// rename, and finally cut off the old file. After a crash the names of the files tell how far the rotation came:
/// - next and current file: nothing was set aside yet;
/// - next file only: it must become the current file;
/// - an older file with a newline that does not end with one: it must still be cut.
///
/// Renames are not synced: what is left after a crash of the host depends on the file system.
extension LogFiles {
    /// The steps to rotate a full current file. After them, `current` does not exist or holds only the unfinished line.
    func rotationSteps() throws(SystemError) -> [RotationStep] {
        let tail = try tailStart(current)
        guard olderCount > 0 else {
            return tail.map { [.copyTail(from: $0), .putNextInPlace] } ?? [.discardCurrent]
        }
        // An interrupted rotation leaves a gap. Shifting beyond it would lose the oldest file needlessly.
        let free = (1...olderCount).first { FileSystem.kind(of: older($0)) == nil } ?? olderCount
        let shifts = (1..<free).reversed().map { RotationStep.shift($0) }
        guard let tail else { return shifts + [.setAside] }
        return [.copyTail(from: tail)] + shifts + [.setAside, .putNextInPlace, .cutTail(to: tail)]
    }

    /// The remaining steps of an interrupted rotation, or those after a change of the rules.
    func recoverySteps() throws(SystemError) -> [RotationStep] {
        var steps: [RotationStep] = []
        if FileSystem.kind(of: next) != nil {
            steps.append(FileSystem.kind(of: current) == nil ? .putNextInPlace : .discardNext)
        }
        if olderCount > 0, FileSystem.kind(of: older(1)) != nil, let tail = try tailStart(older(1)) {
            steps.append(.cutTail(to: tail))
        }
        var extra = olderCount + 1
        while FileSystem.kind(of: older(extra)) != nil {
            steps.append(.discardOlder(extra))
            extra += 1
        }
        return steps
    }

    /// Finishes a rotation that an agent had begun before it was killed.
    package func recover() throws(SystemError) {
        for step in try recoverySteps() { try perform(step) }
    }

    /// The file to write to, with room for at least one byte.
    ///
    /// - Parameter file: the file written to so far, if any.
    func open(after file: LogFile?) throws(SystemError) -> LogFile {
        let present: LogFile
        if let file { present = file } else { present = try LogFile(self) }
        guard present.size >= maximumSize else { return present }
        do { for step in try rotationSteps() { try perform(step) } } catch  where error.number == ENOENT {
            // Another program has removed the file: nothing to set aside.
        }
        return try LogFile(self)
    }

    func perform(_ step: RotationStep) throws(SystemError) {
        switch step {
        case .copyTail(let start): try copyTail(from: start)
        case .shift(let number): try Self.rename(older(number), to: older(number + 1))
        case .setAside: try Self.rename(current, to: older(1))
        case .putNextInPlace: try FileSystem.rename(next, to: current)
        case .cutTail(let size): try Descriptor.open(older(1), O_WRONLY).truncate(to: size)
        case .discardNext: FileSystem.remove(next)
        case .discardCurrent: Self.remove(current)
        case .discardOlder(let number): Self.remove(older(number))
        }
    }

    private func copyTail(from start: Int) throws(SystemError) {
        let source = try Descriptor.open(current, O_RDONLY)
        let target = try Descriptor.open(next, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY)
        let end = try source.fileState().size
        var offset = start
        while offset < end {
            var buffer = [UInt8](repeating: 0, count: min(end - offset, LogFile.block))
            let count = try source.read(into: &buffer, at: offset)
            if count == 0 { return }
            try target.write(buffer[..<count], at: offset - start)
            offset += count
        }
    }

    /// Where the unfinished line at the end of a file begins; nil if there is none, or if it is the whole file.
    private func tailStart(_ path: String) throws(SystemError) -> Int? {
        let file = try Descriptor.open(path, O_RDONLY)
        let size = try file.fileState().size
        let start = try file.lineStart(before: size)
        return start == size || start == 0 ? nil : start
    }
}

extension Descriptor {
    /// The start of the line that contains a byte at `end` of this file.
    borrowing func lineStart(before end: Int) throws(SystemError) -> Int {
        var end = end
        // Most lines are short, so the first block is small. Long lines are read in larger blocks.
        var block = 512
        while end > 0 {
            var buffer = [UInt8](repeating: 0, count: min(end, block))
            let begin = end - buffer.count
            let count = try read(into: &buffer, at: begin)
            if let newline = buffer[..<count].lastIndex(of: UInt8(ascii: "\n")) { return begin + newline + 1 }
            end = begin
            block = LogFile.block
        }
        return 0
    }
}
