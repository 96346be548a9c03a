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

    /// Closes the other end.
    package consuming func takeReadEnd() -> Descriptor { readEnd }
}

extension LogPipe {
    /// A read end of the pipe that another process has as descriptor `number` (proc(5): `/proc/<pid>/fd`).
    ///
    /// - Throws: when it has something else there.
    package static func reopen(_ number: Int32, of pid: Int32) throws(SystemError) -> Descriptor {
        let path = "/proc/\(pid)/fd/\(number)"
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFIFO else {
            throw SystemError("open \(path)", errno: EINVAL)
        }
        return try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
    }
}
