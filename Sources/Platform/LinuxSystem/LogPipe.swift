import CLinux
import Glibc

/// The pipe that takes one stream of a process. It holds the 64 KiB that the system gives: more was no faster, and users
/// other than root get 64 MiB for all their pipes (pipe(7)).
package struct LogPipe: ~Copyable {
    /// Ours: does not block.
    package let readEnd: Descriptor
    /// The process's: blocks while the pipe is full. To be closed here once the process has it.
    package let childEnd: Descriptor

    /// Whoever can reach an end of it in /proc may open it for writing: the process and what it starts, as whatever users,
    /// by `/dev/stdout`. To read is for its owner, which is this program's user and not the process's: another process of
    /// that user can neither read it nor change that.
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

    /// One that the process itself has open for reading, too (fifo(7)): it may write to it when nothing else reads it.
    package static func withReader() throws(SystemError) -> LogPipe {
        let pipe = try LogPipe()
        fchmod(pipe.readEnd.number, S_IRUSR | S_IWUSR)
        let childEnd = try Descriptor.open("/proc/self/fd/\(pipe.readEnd.number)", O_RDWR)
        fchmod(pipe.readEnd.number, mode)
        return LogPipe(readEnd: pipe.takeReadEnd(), childEnd: childEnd)
    }

    /// Closes the other end.
    package consuming func takeReadEnd() -> Descriptor { readEnd }
}
