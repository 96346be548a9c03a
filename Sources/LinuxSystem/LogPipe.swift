import CLinux
import Glibc

/// The pipe that takes one stream of a process. It holds the 64 KiB that the system gives: more was no faster, and users
/// other than root get 64 MiB for all their pipes (pipe(7)).
package struct LogPipe: ~Copyable {
    /// Ours: does not block.
    package let readEnd: Descriptor
    /// The process's: blocks while the pipe is full. To be closed here once the process has it.
    package let childEnd: Descriptor

    /// The process gets its end open for reading too (fifo(7): Linux allows both at once). So the pipe has a reader as long
    /// as the process has its end, and a process that outlives the agent blocks instead of dying of SIGPIPE.
    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        _ = try System.call("create a pipe") { pm_pipe(&ends) }
        let readEnd = Descriptor(owning: ends[0])
        let writeEnd = Descriptor(owning: ends[1])
        let childEnd = try Descriptor.open("/proc/self/fd/\(writeEnd.number)", O_RDWR)
        self.readEnd = readEnd
        self.childEnd = childEnd
    }

    /// Hands both ends to owners of their own.
    package consuming func split<Result: ~Copyable, Failure: Error>(
        _ body: (_ readEnd: consuming Descriptor, _ childEnd: consuming Descriptor) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(readEnd, childEnd)
    }
}
