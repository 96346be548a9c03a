import CKeeper
import CLinux

/// The keeper's view of the pipe holder: a child that is restarted when it ends, and the socket to it, which each
/// worker gets.
struct HolderProcess {
    private var pid: Int32 = -1
    private(set) var socket: Int32 = -1
    private var backoff = WorkerRestartDelay()
    /// Whether the worker has not been sent this holder's socket yet.
    private(set) var isUntold = false

    var exists: Bool { pid > 0 }

    /// Milliseconds until a new holder is started; -1 while one runs.
    var patience: Int32 { exists ? -1 : backoff.milliseconds }

    /// Starts a holder if none runs and the back-off is over.
    mutating func keepUp() {
        guard !exists, backoff.isOver else { return }
        pid = pm_keeper_start_holder(&socket)
        guard exists else { return backoff.failed() }
        backoff.started()
        isUntold = true
    }

    /// - Returns: whether this pid was the holder's.
    mutating func hasEnded(_ pid: Int32) -> Bool {
        guard pid == self.pid else { return false }
        close(socket)
        (self.pid, socket, isUntold) = (-1, -1, false)
        backoff.ended()
        return true
    }

    /// The message about it for the worker; ``socket`` is sent with it.
    var news: pm_keeper_message {
        pm_keeper_message(kind: PM_HOLDER.rawValue, pid: pid, launch: 0, status: 0, version: 0)
    }

    mutating func told() { isUntold = false }

    /// Kills and reaps it, when nothing is left to hold.
    mutating func end() {
        guard exists else { return }
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, pm_errno() == EINTR {}
    }
}
