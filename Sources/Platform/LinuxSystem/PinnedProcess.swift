import CLinux
import Glibc

/// A process held for a moment, so that a signal meant for it can't hit a later one of the same number.
final class PinnedProcess {
    let pid: Int32
    /// -1 when there was no such process any more.
    private let pidfd: Int32

    private init(_ pid: Int32) {
        self.pid = pid
        pidfd = pidfd_open(pid, 0)
    }

    deinit { if pidfd >= 0 { close(pidfd) } }

    func signal(_ signal: Int32) -> Delivery {
        pidfd >= 0 ? Delivery(of: signal, to: pid, by: pidfd) : Delivery()
    }

    /// Pins so many of them at a time as a program has descriptors to spare.
    static func inBatches(of pids: Set<Int32>, _ body: ([PinnedProcess]) -> Void) {
        var rest = Array(pids)[...]
        while !rest.isEmpty {
            body(rest.prefix(64).map { PinnedProcess($0) })
            rest = rest.dropFirst(64)
        }
    }
}

/// What has become of a signal.
package struct Delivery: Equatable, Sendable {
    /// Whether a process was sent it.
    package var isSent = false
    /// Processes that may not be sent it.
    package var refusals: Set<Int32> = []

    package init() {}

    init(of signal: Int32, to pid: Int32, by pidfd: Int32) {
        if pidfd_send_signal(pidfd, signal, nil, 0) == 0 {
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
