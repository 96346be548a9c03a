package import LinuxSystem
import Model

/// Moves one stream of a process from its pipe into its log files. The agent calls ``drain(budget:now:tap:)`` whenever
/// the pipe is readable, and ``finish(tap:)`` when the process has ended.
///
/// Bytes are moved by splice(2) inside the kernel, so that every byte is either in the pipe or in the file, once, if
/// the agent is killed. There is no fsync: written bytes survive the agent, but not a crash of the host. On file
/// systems without splice, bytes are read and written, and those in between are lost if the agent is killed.
///
/// A file is created at the first byte. A line is never split over two files, unless it alone is longer than a file:
/// then it is cut, and both parts are kept. If a file can't be written, the process must not stall: bytes are dropped
/// until writing works again (``LogOutage``).
package final class LogWriter {
    /// Called with the bytes as they arrive, in pieces of any length, before the next ones are taken.
    package typealias Tap = (ArraySlice<UInt8>) -> Void

    package private(set) var files: LogFiles
    /// Why nothing can be written at present; nil if it can.
    package internal(set) var outage: LogOutage?
    let pipe: Descriptor
    var file: LogFile?
    var canSplice: Bool
    private var isWide = false
    /// Whether the next byte is the first one of a process.
    var beginsProcess: Bool

    /// - Parameters:
    ///   - pipe: the read end.
    ///   - beginsProcess: whether nothing has come through the pipe yet. An unfinished last line of an earlier process
    ///     is ended first.
    ///   - canSplice: false: always read and write.
    package init(
        pipe: consuming Descriptor, files: LogFiles, beginsProcess: Bool = false, canSplice: Bool = true
    ) {
        self.pipe = pipe
        self.files = files
        self.beginsProcess = beginsProcess
        self.canSplice = canSplice
    }

    /// The read end, to be watched and to be given to the next writer.
    package var pipeNumber: Int32 { pipe.number }

    /// Uses other files, or the same files with other rules, from now on.
    package func use(_ files: LogFiles) {
        self.files = files
        file = nil
    }

    /// Moves what the pipe holds; to be called when the pipe is readable or broken. Never waits for the process and
    /// never fails: bytes that can't be written are dropped.
    ///
    /// - Parameter budget: maximum bytes to take, so that a process that floods leaves time for others.
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
            // A process waits while its pipe is full, and is woken for each pipeful: a larger pipe means fewer
            // switches.
            if taken ?? 0 >= Limits.pipe, !isWide {
                isWide = true
                pipe.holdMore(Limits.logDrain)
            }
            if taken == nil { result.rest = .nothing } else if taken == 0 { result.rest = .ended }
        }
        return result
    }

    /// Moves what is in the pipe when the process has ended, and closes the file. Other processes may have inherited
    /// the pipe; what they still write needs another ``drain(budget:now:tap:)``.
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
