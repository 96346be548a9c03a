import CLinux
import Glibc

/// The pipe for one stream of a process. It keeps the default capacity of 64 KiB: more was no faster, and users other
/// than root get 64 MiB for all their pipes (pipe(7)).
package struct LogPipe: ~Copyable {
    /// The agent's end. Does not block.
    package let readEnd: Descriptor
    /// The process's end. Blocks while the pipe is full. Must be closed here once the process has it.
    package let childEnd: Descriptor

    /// Every user that can reach the pipe in /proc may open it for writing: the process and its descendants do so by
    /// `/dev/stdout`, with any user. Only the pipe's owner may read. The owner is this program's user, so that other
    /// processes of the process's user can neither read the pipe nor change its mode.
    static let mode: mode_t = 0o222

    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        _ = try System.call("create a pipe") { pm_pipe(&ends) }
        readEnd = Descriptor(owning: ends[0])
        childEnd = Descriptor(owning: ends[1])
        fchmod(readEnd.number, Self.mode)
    }

    private init(readEnd: consuming Descriptor, childEnd: consuming Descriptor) {
        self.readEnd = readEnd
        self.childEnd = childEnd
    }

    /// A pipe that the process itself has open for reading, too (fifo(7)), so that it may write when nothing else
    /// reads.
    package static func withReader() throws(SystemError) -> LogPipe {
        let pipe = try LogPipe()
        fchmod(pipe.readEnd.number, S_IRUSR | S_IWUSR)
        let childEnd = try Descriptor.open("/proc/self/fd/\(pipe.readEnd.number)", O_RDWR)
        fchmod(pipe.readEnd.number, mode)
        return LogPipe(readEnd: pipe.takeReadEnd(), childEnd: childEnd)
    }

    /// Returns the read end and closes the other one.
    package consuming func takeReadEnd() -> Descriptor { readEnd }
}
