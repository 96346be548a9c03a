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

    init() {}

    /// The holder that a predecessor of this keeper has started.
    init(pid: Int32, socket: Int32) {
        pm_keeper_pass(socket, 0)
        (self.pid, self.socket) = (pid, socket)
    }

    var exists: Bool { pid > 0 }

    /// Adds the holder to the table for a successor.
    func enter(_ head: inout pm_table_head) { (head.holder, head.holder_socket) = (pid, socket) }

    /// Replaces a running holder by one of the present program, which gets all pipes before the other ends.
    mutating func replace(holding held: HeldProcesses) {
        let former = self
        self = HolderProcess()
        keepUp()
        guard exists, held.allSatisfy({ hold($0) }) else {
            end()
            return self = former
        }
        kill(former.pid, SIGKILL)
        close(former.socket)
    }

    /// - Returns: whether the holder has got the pipes of a launch, if there are any.
    private func hold(_ process: HeldProcess) -> Bool {
        guard process.output >= 0 else { return true }
        var message = pm_keeper_message(
            kind: PM_HOLD.rawValue, pid: 0, launch: process.launch, status: 0, version: 0)
        return pm_keeper_send(socket, &message, process.output, process.error) == 0
    }

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
