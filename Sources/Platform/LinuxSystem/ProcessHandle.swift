import CLinux
import Glibc

/// A process that leads a session and a process group of its own. It is held by pidfd, so it is never confused with a
/// later process of the same number.
package struct ProcessHandle: ~Copyable {
    package let pid: Int32
    /// Clock ticks from boot to the process's start. With the pid and ``Boot/id`` it identifies the process. Nil if the
    /// process was gone too soon, or if its parent is the host's init (pid 1): no program outlives init, so the pid
    /// identifies its children.
    package let startTime: UInt64?
    private let pidfd: Descriptor

    init(pid: Int32, pidfd: consuming Descriptor, isChildOfInit: Bool = false) {
        self.pid = pid
        startTime = isChildOfInit ? nil : ProcessStatistics.read(pid, heldBy: pidfd)?.startTime
        self.pidfd = pidfd
    }

    /// Adopts a process that an earlier run of this program launched, child or not.
    ///
    /// - Parameters:
    ///   - startTime: clock ticks since boot; nil if it could not be recorded.
    ///   - isChildOfParent: whether the process must be a child of this program's parent, which an unrelated process is
    ///     not.
    /// - Returns: nil if the process has ended, or if its number belongs to another one.
    package static func adopt(pid: Int32, startTime: UInt64?, isChildOfParent: Bool = false) -> ProcessHandle? {
        guard pid > 0 else { return nil }
        let number = pm_pidfd_open(pid)
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

    /// Start time in seconds of ``BootClock``; nil as ``startTime`` is.
    package var startedAt: Double? { startTime.map(BootClock.seconds(ofTicks:)) }

    /// Becomes readable when the process has ended (pidfd_open(2)); for ``EventLoop/watch(_:for:handler:)``.
    package var exitDescriptor: Int32 { pidfd.number }

    /// Whether the process has ended, also if it has not been reaped.
    package var hasEnded: Bool {
        var state = pollfd(fd: pidfd.number, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) > 0
    }

    /// How the process ended, which need not be a child of this program. Nil if it has not been reaped, or if the
    /// kernel can't tell (before Linux 6.15).
    package var exitStatus: WaitStatus? {
        let status = pm_exit_status(pidfd.number)
        return status < 0 ? nil : WaitStatus(raw: status)
    }

    /// Whether ``exitStatus`` will be known once the process has been reaped.
    package var isExitStatusDue: Bool { pm_exit_status(pidfd.number) == -1 }

    /// Reaps a child of this program: how it ended; nil while it runs.
    package func reap() -> WaitStatus? {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == pid ? WaitStatus(raw: status) : nil
    }

    /// Waits for the end of a child of this program, and reaps it. Kills it if it is late.
    ///
    /// - Returns: how it ended; nil if it was late.
    package func awaitEnd(within seconds: Double) -> WaitStatus? {
        var state = pollfd(fd: pidfd.number, events: Int16(POLLIN), revents: 0)
        if poll(&state, 1, Int32(seconds * 1_000)) > 0 { return reap() }
        killAndReap()
        return nil
    }

    /// Ends a child of this program at once, and reaps it.
    package func killAndReap() {
        signal(SIGKILL)
        var state = pollfd(fd: pidfd.number, events: Int16(POLLIN), revents: 0)
        if poll(&state, 1, 1_000) > 0 { _ = reap() }
    }

    /// Makes this the main process of a tree.
    package func lead(_ tree: ProcessTree) { tree.begin(with: self) }

    /// Sends a signal to this process only; does nothing if it is gone.
    @discardableResult
    package func signal(_ signal: Int32) -> Delivery { Delivery(of: signal, to: pid, by: pidfd.number) }

    /// Opens the read end of the pipe that the process has as descriptor `number`.
    ///
    /// - Throws: if the descriptor is not a pipe, or if this program has no rights over the process.
    package func reopen(_ number: Int32) throws(SystemError) -> Descriptor {
        // Root in a systemd unit may trace a process of another user (CAP_SYS_PTRACE), but may not enter its directory
        // in /proc. A user other than root may enter it, but perhaps not trace.
        let copy = Descriptor(owning: pm_pidfd_getfd(pidfd.number, number))
        let path = copy.number < 0 ? "/proc/\(pid)/fd/\(number)" : "/proc/self/fd/\(copy.number)"
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFIFO else {
            throw SystemError("open descriptor \(number) of process \(pid)", errno: EINVAL)
        }
        do { return try Descriptor.open(path, O_RDONLY | O_NONBLOCK) } catch  where error.number == EACCES {
            // An owner other than root must first give itself the permission.
            chmod(path, LogPipe.mode | S_IRUSR)
            defer { chmod(path, LogPipe.mode) }
            return try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
        }
    }
}
