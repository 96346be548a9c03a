import Glibc
import LinuxSystem

/// A handle of a process that was adopted; expectations can't look at what can't be copied.
final class Adopted {
    private let handle: ProcessHandle

    /// Nil when it was not adopted.
    init?(pid: Int32, startTime: UInt64) {
        guard let handle = ProcessHandle.adopt(pid: pid, startTime: startTime) else { return nil }
        self.handle = handle
    }

    var startTime: UInt64? { handle.startTime }
    var exitStatus: WaitStatus? { handle.exitStatus }

    /// Whether its end is an event.
    var hasEnded: Bool {
        var entry = pollfd(fd: handle.exitDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1
    }

    func signal(_ signal: Int32) { handle.signal(signal) }
}
