import CKeeper
import CLinux

/// The parent of the worker and of every supervised process.
///
/// When the worker dies, the processes keep their parent, their log pipes stay open here, and their exit statuses are
/// kept until a worker releases them. The keeper then starts a new worker, with a back-off, and sends it the held
/// launches. It ends only with a worker that ends on purpose, and with that worker's exit code. When a worker ends for
/// an upgrade, the keeper executes its successor (`Keeper+Upgrade.swift`).
///
/// It makes no supervision decisions and reads no configuration: the less it does, the less can fail. It is one loop
/// over poll(2), ``run()``, called once by the entry point. See docs/decisions/0008-keeper.md.
struct Keeper {
    let own: OwnCommand
    private let signals: Int32
    var openFiles: rlimit

    private var worker: Int32 = -1
    private(set) var socket: Int32 = -1
    /// The memory copy of the worker's journal, for the next worker; -1 if there is none.
    var state: Int32 = -1
    var held = HeldProcesses()
    /// Whether an orphan's end has not been reported to the worker yet.
    private var hasUntoldOrphan = false
    /// Whether a worker has ever reported that it supervises. Before that, a worker that exits has failed to start, and
    /// is not replaced.
    var wasReady = false
    /// SIGTERM or SIGINT after such a signal, or SIGTERM after PM_ENDING: if the worker dies before everything is
    /// stopped, the next worker gets this signal.
    var endingSignal: Int32?
    /// Whether SIGHUP or SIGUSR2 arrived while there was no worker.
    var hasUntoldHangup = false
    private var hasUntoldUpgrade = false
    private var backoff = WorkerRestartDelay()
    /// The pipe holder, which keeps the log pipes open if the keeper dies; nil in a guest, which ends with the keeper.
    var holder: HolderProcess?
    var upgrade = UpgradeState()

    /// - Parameter isVM: whether this process is a guest's init.
    init(_ own: OwnCommand, isVM: Bool) {
        holder = isVM ? nil : HolderProcess()
        self.own = own
        var openFiles = rlimit()
        signals = pm_keeper_prepare(&openFiles)
        self.openFiles = openFiles
    }

    /// Runs until the worker has ended on purpose.
    ///
    /// - Returns: the worker's exit code.
    mutating func run() -> Int32 {
        // Children that ended before this program was executed by its predecessor.
        _ = reap()
        while true {
            if upgrade.isDue, let code = executeSuccessor() { return code }
            if socket < 0, worker < 0, backoff.isOver { startWorker() }
            var ready = [
                pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
                pollfd(fd: socket, events: Int16(POLLIN) | (hasUntold ? Int16(POLLOUT) : 0), revents: 0),
            ]
            _ = poll(&ready, 2, patience)
            if ready[1].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 { receive() }
            if ready[0].revents != 0, let code = takeSignals() {
                if held.isEmpty { holder?.end() }
                return code
            }
            holder?.keepUp()
            tellExits()
        }
    }

    /// The timeout for poll(2), in milliseconds; -1 for none.
    private var patience: Int32 {
        if socket < 0, worker < 0 { return backoff.milliseconds }
        return holder?.patience ?? -1
    }

    // MARK: The worker

    private mutating func startWorker() {
        var pair: (Int32, Int32) = (-1, -1)
        guard pm_keeper_pair(&pair.0, &pair.1) == 0 else { return backoff.failed() }
        worker = pm_keeper_start(own.path, own.arguments, pair.1, state, openFiles)
        close(pair.1)
        guard worker > 0 else {
            close(pair.0)
            return backoff.failed()
        }
        socket = pair.0
        backoff.started()
        // After the worker, because that takes longer to start.
        holder?.keepUp()
        handOver()
        if let signal = endingSignal { kill(worker, signal) }
        if hasUntoldHangup { kill(worker, SIGHUP) }
        if hasUntoldUpgrade { kill(worker, SIGUSR2) }
        (hasUntoldHangup, hasUntoldUpgrade) = (false, false)
    }

    /// Sends a new worker the version, the pipe holder's socket and all held launches. Blocks while the socket is full.
    private mutating func handOver() {
        held.forgetTelling()
        let hello = Self.message(
            PM_HELLO, pid: upgrade.result, launch: upgrade.count, status: Int32(bitPattern: pm_message_version()))
        var isHeard = sendWaiting(hello, -1, -1)
        if isHeard, let holder, holder.exists { isHeard = sendWaiting(holder.news, holder.socket, -1) }
        holder?.told()
        held.forEach { process in
            let message = Self.message(
                PM_HELD, pid: process.pid, launch: process.launch, status: process.isChild ? 1 : 0)
            isHeard = isHeard && sendWaiting(message, process.output, process.error)
        }
        guard isHeard else { return }
        _ = sendWaiting(Self.message(PM_READY), -1, -1)
    }

    static func message(
        _ kind: pm_keeper_kind, pid: Int32 = 0, launch: UInt64 = 0, status: Int32 = 0
    ) -> pm_keeper_message {
        pm_keeper_message(kind: kind.rawValue, pid: pid, launch: launch, status: status, version: 0)
    }

    /// - Returns: false if the worker is gone.
    private func sendWaiting(_ message: pm_keeper_message, _ output: Int32, _ error: Int32) -> Bool {
        var message = message
        while pm_keeper_send(socket, &message, output, error) != 0 {
            guard pm_errno() == EAGAIN else { return false }
            var room = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            _ = poll(&room, 1, -1)
        }
        return true
    }

    /// - Returns: the exit code of the agent, if it ends; nil if another worker follows.
    private mutating func workerEnded(_ status: Int32) -> Int32? {
        let group = worker
        worker = -1
        let hasExited = status & 0x7F == 0
        let code = (status >> 8) & 0xFF
        drainWorkerSocket(of: group)
        if hasExited, upgrade.begins(code) { return nil }
        // A worker that can't start logs why and exits. One that was killed is always replaced.
        if hasExited, code == 0 || code == PM_WORKER_REFUSED || !wasReady { return code }
        note("the worker ended unexpectedly; its processes keep running, and a new worker is started\n")
        backoff.ended()
        return nil
    }

    /// Reads the dead worker's last messages, and waits until its newborns have closed the socket.
    ///
    /// Until a newborn has its own descriptors, it shares the socket and the lock that the next worker needs. A newborn
    /// that is stopped (SIGSTOP) at that point would block both, so it is killed after ``newbornPatience``.
    ///
    /// - Parameter group: the worker's process group, which newborns belong to until then.
    private mutating func drainWorkerSocket(of group: Int32) {
        let deadline = pm_keeper_milliseconds() + Self.newbornPatience
        while socket >= 0 {
            var last = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            if poll(&last, 1, Int32(clamping: max(0, deadline - pm_keeper_milliseconds()))) == 0 {
                kill(-group, SIGKILL)
                _ = poll(&last, 1, Int32(Self.newbornPatience))
                receive()
                if socket >= 0 { close(socket) }
                socket = -1
                return
            }
            receive()
        }
    }

    /// Milliseconds that the newborns of a dead worker may take to close the socket.
    private static let newbornPatience: Int64 = 2_000

    private mutating func receive() {
        var message = pm_keeper_message()
        var descriptors: (Int32, Int32) = (-1, -1)
        while true {
            let result = pm_keeper_receive(socket, &message, &descriptors.0, &descriptors.1, 0)
            if result < 0 { return }
            guard result > 0 else {
                close(socket)
                socket = -1
                return
            }
            guard pm_keeper_understands(&message) != 0 else {
                pm_keeper_drop(descriptors.0, descriptors.1)
                note("the worker uses another message version and is killed\n")
                if worker > 0 { kill(worker, SIGKILL) }
                continue
            }
            take(message, descriptors)
        }
    }

    private mutating func take(_ message: pm_keeper_message, _ descriptors: (Int32, Int32)) {
        switch message.kind {
        case PM_BORN.rawValue:
            held.add(
                HeldProcess(
                    launch: message.launch, pid: message.pid, output: descriptors.0, error: descriptors.1,
                    isChild: message.status != 0))
        case PM_RELEASE.rawValue: held.remove(message.launch)
        case PM_STATE.rawValue:
            if state >= 0 { close(state) }
            state = descriptors.0
        case PM_READY.rawValue:
            wasReady = true
            upgrade.workerIsReady()
        case PM_ENDING.rawValue: endingSignal = SIGTERM
        case PM_HELLO.rawValue: break
        case PM_TRY.rawValue: trySuccessor()
        default: pm_keeper_drop(descriptors.0, descriptors.1)
        }
    }

    // MARK: Exits and signals

    private var hasUntold: Bool {
        socket >= 0 && (hasUntoldOrphan || held.hasUntold || holder?.isUntold == true)
    }

    private mutating func tellExits() {
        guard hasUntold else { return }
        if let news = holder, news.isUntold {
            var message = news.news
            if pm_keeper_send(socket, &message, news.socket, -1) == 0 { holder?.told() }
        }
        held.tell { process in
            var message = Self.message(
                PM_EXITED, pid: process.pid, launch: process.launch, status: process.status ?? 0)
            return pm_keeper_send(socket, &message, -1, -1) == 0
        }
        guard hasUntoldOrphan else { return }
        var message = Self.message(PM_EXITED)
        hasUntoldOrphan = pm_keeper_send(socket, &message, -1, -1) != 0
    }

    /// - Returns: the exit code of the agent, if it ends.
    private mutating func takeSignals() -> Int32? {
        var code: Int32?
        while true {
            let signal = pm_keeper_next_signal(signals)
            if signal == 0 { return code }
            guard signal != SIGCHLD else {
                code = reap() ?? code
                continue
            }
            if signal != SIGHUP, signal != SIGUSR2 { endingSignal = signal }
            if worker > 0 {
                kill(worker, signal)
            } else {
                hasUntoldHangup = hasUntoldHangup || signal == SIGHUP
                hasUntoldUpgrade = hasUntoldUpgrade || signal == SIGUSR2
            }
        }
    }

    private mutating func reap() -> Int32? {
        var code: Int32?
        while true {
            var status: Int32 = 0
            let pid = waitpid(-1, &status, WNOHANG)
            if pid <= 0 { return code }
            if pid == worker {
                code = workerEnded(status)
            } else if holder?.hasEnded(pid) == true {
                note("the pipe holder ended unexpectedly; a new one is started\n")
            } else {
                // A child sends PM_BORN before it can exit: read that first, to know the pid.
                if socket >= 0 { receive() }
                if !held.ended(pid, status) { hasUntoldOrphan = true }
            }
        }
    }
}
