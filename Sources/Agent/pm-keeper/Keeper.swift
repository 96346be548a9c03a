import CKeeper
import CLinux

/// Parent of the worker and of all that it starts: whatever happens to the worker, its children keep their parent, their
/// log pipes stay open, and how they end is remembered until a worker has dealt with it.
///
/// It decides nothing and knows no configuration: the less it does, the less can go wrong with it.
struct Keeper {
    private let path: UnsafePointer<CChar>
    private let arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>
    private let signals: Int32
    private let openFiles: rlimit

    private var worker: Int32 = -1
    private var socket: Int32 = -1
    /// Where the worker keeps its notes for the next one.
    private var state: Int32 = -1
    private var held = HeldProcesses()
    /// Whether an orphan has ended that the worker has not heard of.
    private var hasUntoldOrphan = false
    /// Whether a worker has ever supervised: until then, one that exits has found out that it can't.
    private var wasReady = false
    /// SIGTERM or SIGINT, once one has come or the worker was told to end otherwise: a worker that dies before all has ended leaves it to the next.
    private var endingSignal: Int32?
    /// Whether SIGHUP came when there was no worker.
    private var hasUntoldHangup = false
    private var backoff = WorkerRestartDelay()
    /// Keeps the log pipes open if this program dies; a virtual machine ends with this program.
    private var holder: HolderProcess?

    /// - Parameters:
    ///   - path: the worker's program.
    ///   - arguments: its argv, which ends with NULL.
    ///   - isMachine: whether this is the first program of a virtual machine.
    init(path: UnsafePointer<CChar>, arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>, isVM: Bool) {
        holder = isVM ? nil : HolderProcess()
        self.path = path
        self.arguments = arguments
        var openFiles = rlimit()
        signals = pm_keeper_prepare(&openFiles)
        self.openFiles = openFiles
    }

    /// Runs until the worker has ended on purpose.
    ///
    /// - Returns: the worker's exit code.
    mutating func run() -> Int32 {
        while true {
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

    /// Milliseconds until something is due; -1 when nothing is.
    private var patience: Int32 {
        if socket < 0, worker < 0 { return backoff.milliseconds }
        return holder?.patience ?? -1
    }

    // MARK: The worker

    private mutating func startWorker() {
        var pair: (Int32, Int32) = (-1, -1)
        guard pm_keeper_pair(&pair.0, &pair.1) == 0 else { return backoff.failed() }
        worker = pm_keeper_start(path, arguments, pair.1, state, openFiles)
        close(pair.1)
        guard worker > 0 else {
            close(pair.0)
            return backoff.failed()
        }
        socket = pair.0
        backoff.started()
        // After the worker, which takes longer to begin.
        holder?.keepUp()
        handOver()
        if let signal = endingSignal { kill(worker, signal) }
        if hasUntoldHangup { kill(worker, SIGHUP) }
        hasUntoldHangup = false
    }

    /// Tells a new worker what the keeper holds. The socket may fill up meanwhile: here it is waited for.
    private mutating func handOver() {
        held.forgetTelling()
        var isHeard = true
        if let holder, holder.exists { isHeard = sendWaiting(holder.news, holder.socket, -1) }
        holder?.told()
        held.forEach { process in
            let message = Self.message(
                PM_HELD, pid: process.pid, launch: process.launch, status: process.isChild ? 1 : 0)
            isHeard = isHeard && sendWaiting(message, process.output, process.error)
        }
        guard isHeard else { return }
        _ = sendWaiting(Self.message(PM_READY), -1, -1)
    }

    private static func message(
        _ kind: pm_keeper_kind, pid: Int32 = 0, launch: UInt64 = 0, status: Int32 = 0
    ) -> pm_keeper_message {
        pm_keeper_message(kind: kind.rawValue, pid: pid, launch: launch, status: status, version: 0)
    }

    /// - Returns: false when the worker is gone.
    private func sendWaiting(_ message: pm_keeper_message, _ output: Int32, _ error: Int32) -> Bool {
        var message = message
        while pm_keeper_send(socket, &message, output, error) != 0 {
            guard pm_errno() == EAGAIN else { return false }
            var room = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            _ = poll(&room, 1, -1)
        }
        return true
    }

    /// - Returns: the exit code of the agent, when that was all.
    private mutating func workerEnded(_ status: Int32) -> Int32? {
        let group = worker
        worker = -1
        let hasExited = status & 0x7F == 0
        let code = (status >> 8) & 0xFF
        hearLastWords(of: group)
        // One that can't even begin says so and exits; one that was killed had no word in it.
        if hasExited, code == 0 || code == PM_WORKER_REFUSED || !wasReady { return code }
        note("the worker ended unexpectedly; its processes live on and another one is started\n")
        backoff.ended()
        return nil
    }

    /// What the worker asked for to the last is done first. Newborn children have the socket, too, until they have
    /// descriptors of their own, and the lock that the next worker needs. One that was stopped before that is killed.
    ///
    /// - Parameter group: the worker's process group, of which children are until then.
    private mutating func hearLastWords(of group: Int32) {
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

    /// Milliseconds that newborn children of a dead worker have.
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
            guard message.version == UInt32(PM_KEEPER_VERSION) else {
                note("the worker's messages are of another version: it is killed\n")
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
        case PM_READY.rawValue: wasReady = true
        case PM_ENDING.rawValue: endingSignal = SIGTERM
        default: break
        }
    }

    // MARK: Ends

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

    /// - Returns: the exit code of the agent, when that was all.
    private mutating func takeSignals() -> Int32? {
        var code: Int32?
        while true {
            let signal = pm_keeper_next_signal(signals)
            if signal == 0 { return code }
            guard signal != SIGCHLD else {
                code = reap() ?? code
                continue
            }
            if signal != SIGHUP { endingSignal = signal }
            if worker > 0 { kill(worker, signal) } else if signal == SIGHUP { hasUntoldHangup = true }
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
                note("the holder of log pipes ended unexpectedly; another one is started\n")
            } else {
                // Whoever was born is said before it can be seen to have ended.
                if socket >= 0 { receive() }
                if !held.ended(pid, status) { hasUntoldOrphan = true }
            }
        }
    }
}
