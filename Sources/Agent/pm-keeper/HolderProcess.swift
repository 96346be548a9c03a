import CKeeper
import CLinux

/// The holder of log pipes as its keeper sees it: a child that is started again when it ends, and the socket to it, which
/// each worker gets.
struct HolderProcess {
    private var pid: Int32 = -1
    private(set) var socket: Int32 = -1
    private var backoff = WorkerRestartDelay()
    /// Whether the worker has still to hear of it.
    private(set) var isUntold = false

    var exists: Bool { pid > 0 }

    /// Milliseconds until another one is due; -1 while there is one.
    var patience: Int32 { exists ? -1 : backoff.milliseconds }

    /// Starts one if there is none.
    mutating func keepUp() {
        guard !exists, backoff.isOver else { return }
        pid = pm_keeper_start_holder(&socket)
        guard exists else { return backoff.failed() }
        backoff.started()
        isUntold = true
    }

    /// - Returns: whether it was this one that has ended.
    mutating func hasEnded(_ pid: Int32) -> Bool {
        guard pid == self.pid else { return false }
        close(socket)
        (self.pid, socket, isUntold) = (-1, -1, false)
        backoff.ended()
        return true
    }

    /// What a worker hears of it, with ``socket``.
    var news: pm_keeper_message {
        pm_keeper_message(kind: PM_HOLDER.rawValue, pid: pid, launch: 0, status: 0, version: 0)
    }

    mutating func told() { isUntold = false }

    /// Ends it, when there is nothing left to hold.
    mutating func end() {
        guard exists else { return }
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, pm_errno() == EINTR {}
    }
}
