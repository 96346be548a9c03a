import Glibc
package import LinuxSystem
import Model

/// Moves what a process writes from its pipe into its files.
///
/// splice(2) does it within the kernel: an agent that is killed has every byte in the pipe or in the file, once. There is
/// no fsync: what was written survives the agent, not a crash of the machine. Where the file system knows no splice, bytes
/// are read and written, and those on the way die with an agent that is killed.
///
/// A file is created at the first byte. A line is never spread over two files, unless it alone is longer than a file:
/// then it is cut, and both parts are kept.
package final class LogWriter {
    /// Is shown the bytes as they come, in pieces of any length, before the next ones are taken.
    package typealias Tap = (ArraySlice<UInt8>) -> Void

    package private(set) var files: LogFiles
    /// Why nothing is being written; nil while all is well.
    package internal(set) var outage: LogOutage?
    let pipe: Descriptor
    var file: LogFile?
    var canSplice: Bool
    private var isWide = false
    /// The next byte is the first of a process.
    var beginsProcess: Bool

    /// - Parameters:
    ///   - pipe: the read end.
    ///   - beginsProcess: nothing came through the pipe yet; if what an earlier process wrote ends within a line, that line
    ///     is ended first.
    ///   - canSplice: false to read and write in any case.
    package init(
        pipe: consuming Descriptor, files: LogFiles, beginsProcess: Bool = false, canSplice: Bool = true
    ) {
        self.pipe = pipe
        self.files = files
        self.beginsProcess = beginsProcess
        self.canSplice = canSplice
    }

    /// The read end: to be watched, and handed to who takes over.
    package var pipeNumber: Int32 { pipe.number }

    /// Has what comes from now on go into other files, or into these by other rules.
    package func use(_ files: LogFiles) {
        self.files = files
        file = nil
    }

    /// Takes what the pipe holds, to be called when it is readable or broken. Never waits for the process and never fails:
    /// when the file can't be written, the bytes are dropped.
    ///
    /// - Parameter budget: bytes to take at most, so that a process that floods leaves time for the others.
    package func drain(
        budget: Int = Limits.logDrain, now: Instant = .now, tap: Tap? = nil
    ) -> DrainResult {
        var result = DrainResult()
        if let file, !file.refresh() { self.file = nil }
        while result.bytes < budget, result.rest == .more {
            let wanted = budget - result.bytes
            let taken: Int?
            do {
                if let outage, now < outage.retryAt {
                    taken = drop(atMost: wanted, tap)
                } else {
                    taken = try write(atMost: wanted, at: now, &result, tap)
                }
            } catch {
                fail(error, at: now, &result)
                continue
            }
            result.bytes += taken ?? 0
            // Who finds it full waits for us, and is woken for each pipeful.
            if taken ?? 0 >= Limits.pipe, !isWide {
                isWide = true
                pipe.holdMore(Limits.logDrain)
            }
            if taken == nil { result.rest = .nothing } else if taken == 0 { result.rest = .ended }
        }
        return result
    }

    /// Takes what is in the pipe when the process has ended, and closes the file. What somebody still writes after
    /// that, who got the pipe from the process, needs another ``drain(budget:now:tap:)``.
    package func finish(tap: Tap? = nil) -> DrainResult {
        var result = DrainResult(rest: .nothing)
        var left = pipe.waitingBytes
        while left > 0 {
            let part = drain(budget: left, tap: tap)
            result.bytes += part.bytes
            result.rest = part.rest
            result.change = part.change ?? result.change
            if part.bytes == 0 { break }
            left -= part.bytes
        }
        file = nil
        return result
    }
}
