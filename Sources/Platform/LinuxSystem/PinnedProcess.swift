import CLinux
import Glibc

/// A process held by pidfd for a moment, so that a signal can't hit a later process with the same number.
final class PinnedProcess {
    let pid: Int32
    /// -1 if there is no such process any more.
    private let pidfd: Int32

    private init(_ pid: Int32) {
        self.pid = pid
        pidfd = pm_pidfd_open(pid)
    }

    deinit { if pidfd >= 0 { close(pidfd) } }

    func signal(_ signal: Int32) -> Delivery {
        pidfd >= 0 ? Delivery(of: signal, to: pid, by: pidfd) : Delivery()
    }

    /// Pins the processes in batches, to use few descriptors at a time.
    static func inBatches(of pids: Set<Int32>, _ body: ([PinnedProcess]) -> Void) {
        var rest = Array(pids)[...]
        while !rest.isEmpty {
            body(rest.prefix(64).map { PinnedProcess($0) })
            rest = rest.dropFirst(64)
        }
    }
}

/// The result of sending a signal.
package struct Delivery: Equatable, Sendable {
    /// Whether at least one process was sent the signal.
    package var isSent = false
    /// Processes that this program has no permission to signal.
    package var refusals: Set<Int32> = []

    package init() {}

    init(of signal: Int32, to pid: Int32, by pidfd: Int32) {
        if pm_pidfd_send_signal(pidfd, signal) == 0 {
            isSent = true
        } else if errno == EPERM {
            refusals = [pid]
        }
    }

    package mutating func add(_ other: Delivery) {
        isSent = isSent || other.isSent
        refusals.formUnion(other.refusals)
    }
}
