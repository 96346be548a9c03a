import Glibc
import LinuxSystem

/// Wraps the handle of an adopted process, because #expect can't use noncopyable values.
final class Adopted {
    private let handle: ProcessHandle

    /// Nil if it was not adopted.
    init?(pid: Int32, startTime: UInt64) {
        guard let handle = ProcessHandle.adopt(pid: pid, startTime: startTime) else { return nil }
        self.handle = handle
    }

    var startTime: UInt64? { handle.startTime }
    var exitStatus: WaitStatus? { handle.exitStatus }

    /// Whether the exit descriptor is readable.
    var hasEnded: Bool {
        var entry = pollfd(fd: handle.exitDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1
    }

    func signal(_ signal: Int32) { handle.signal(signal) }
}
