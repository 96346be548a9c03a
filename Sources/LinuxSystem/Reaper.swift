import CLinux
import Glibc

/// Collects ended children: the program's own, and orphans of theirs, which come to a subreaper.
package enum Reaper {
    /// Makes this process the parent of every descendant that loses its own.
    package static func adoptOrphans() { _ = pm_become_subreaper() }

    /// Calls `body` with each child that has ended since the last call, once it is reaped.
    package static func reap(_ body: (_ pid: Int32, _ status: WaitStatus) -> Void) {
        while true {
            var status: Int32 = 0
            let pid = waitpid(-1, &status, WNOHANG)
            if pid > 0 {
                body(pid, WaitStatus(raw: status))
            } else if pid == 0 || errno != EINTR {
                return
            }
        }
    }
}

/// What wait(2) says of an ended child.
package struct WaitStatus: Equatable, Sendable {
    package let raw: Int32

    package init(raw: Int32) { self.raw = raw }

    /// The exit code, or nil when a signal ended it.
    package var code: Int32? { raw & 0x7F == 0 ? (raw >> 8) & 0xFF : nil }

    /// The signal that ended it, or 0.
    package var signal: Int32 { raw & 0x7F }
}
