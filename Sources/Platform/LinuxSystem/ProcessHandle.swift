import CLinux
import Glibc

/// A process that leads a session and a process group of its own, held by pidfd: never a later process of the same number.
package struct ProcessHandle: ~Copyable {
    package let pid: Int32
    /// Clock ticks from the machine's boot to its start: with the pid and ``Boot/id`` it names this process and no other.
    /// Nil when it was gone before anybody could look, or when its parent is the machine's init (pid 1), which no program
    /// outlives: as its child it is known by its pid alone.
    package let startTime: UInt64?
    private let pidfd: Descriptor

    init(pid: Int32, pidfd: consuming Descriptor, isChildOfInit: Bool = false) {
        self.pid = pid
        startTime = isChildOfInit ? nil : ProcessStatistics.read(pid, heldBy: pidfd)?.startTime
        self.pidfd = pidfd
    }

    /// Takes hold of a process that an earlier run of this program started, child or not.
    ///
    /// - Parameters:
    ///   - startTime: clock ticks since boot; nil when nobody could write it down.
    ///   - isChildOfParent: whether it must be a child of this program's parent, as a stranger is not.
    /// - Returns: nil when it has ended, or when its number is another's by now.
    package static func adopt(pid: Int32, startTime: UInt64?, isChildOfParent: Bool = false) -> ProcessHandle? {
        guard pid > 0 else { return nil }
        let number = pidfd_open(pid, 0)
        guard number >= 0 else { return nil }
        let pidfd = Descriptor(owning: number)
        guard let found = ProcessStatistics.read(pid, heldBy: pidfd),
            startTime != nil || isChildOfParent, startTime == nil || found.startTime == startTime,
            !isChildOfParent || found.parent == getppid()
        else { return nil }
        let handle = ProcessHandle(pid: pid, pidfd: pidfd)
        if handle.hasEnded { return nil }
        return handle
    }

    /// Seconds of the boot clock; nil as ``startTime`` is.
    package var startedAt: Double? { startTime.map(BootClock.seconds(ofTicks:)) }

    /// Readable from when the process has ended (pidfd_open(2)); for ``EventLoop/watch(_:for:handler:)``.
    package var exitDescriptor: Int32 { pidfd.number }

    /// Whether it has ended, be it that nobody has reaped it.
    package var hasEnded: Bool {
        var state = pollfd(fd: pidfd.number, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) > 0
    }

    /// How it ended, though it may be no child of this program; nil when it has not been reaped, or when the kernel does
    /// not tell (before Linux 6.15).
    package var exitStatus: WaitStatus? {
        let status = pm_exit_status(pidfd.number)
        return status < 0 ? nil : WaitStatus(raw: status)
    }

    /// Whether it has not been reaped, and the kernel may tell how it ended once it has been.
    package var isExitStatusDue: Bool { pm_exit_status(pidfd.number) == -1 }

    /// How a child of this program ended, which takes it out of the system's table; nil while it runs.
    package func reap() -> WaitStatus? {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == pid ? WaitStatus(raw: status) : nil
    }

    /// It is the first process of a tree.
    package func lead(_ tree: ProcessTree) { tree.begin(with: self) }

    /// Sends a signal to the process alone; when it is gone, to nobody.
    @discardableResult
    package func signal(_ signal: Int32) -> Delivery { Delivery(of: signal, to: pid, by: pidfd.number) }

    /// A read end of the pipe that it has as descriptor `number`.
    ///
    /// - Throws: when it has something else there, or when it is somebody's whom this program has no rights over.
    package func reopen(_ number: Int32) throws(SystemError) -> Descriptor {
        // Root in a unit of systemd may trace a process of another user (CAP_SYS_PTRACE), but not enter its directory in
        // /proc; a program that is not root may do that, and perhaps not trace.
        let copy = Descriptor(owning: pidfd_getfd(pidfd.number, number, 0))
        let path = copy.number < 0 ? "/proc/\(pid)/fd/\(number)" : "/proc/self/fd/\(copy.number)"
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFIFO else {
            throw SystemError("open descriptor \(number) of process \(pid)", errno: EINVAL)
        }
        do { return try Descriptor.open(path, O_RDONLY | O_NONBLOCK) } catch  where error.number == EACCES {
            // Its owner, if not root, has to let itself.
            chmod(path, LogPipe.mode | S_IRUSR)
            defer { chmod(path, LogPipe.mode) }
            return try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
        }
    }
}
