import Drivers
import Glibc
import LinuxSystem
import Model
import Supervision
import Wire

/// Starts, stops and watches processes: performs what each one's machine decides.
///
/// Replies come when the work has ended, in that order; nobody waits for somebody else's grace period.
final class Supervisor {
    typealias Reply = (Outcome) -> Void

    /// Told of each process that has changed, and of each that is forgotten.
    var changed: (Name) -> Void = { _ in }
    var forgotten: (Name) -> Void = { _ in }

    /// Seconds between the stop signal and SIGKILL.
    var gracePeriod: Double
    var processLimit: Int
    /// Why processes run without log files, when they do.
    private(set) var logFailure: SystemError?

    private let loop: EventLoop
    private let drivers: [String: any Driver]
    private let logs: ProcessLogs
    private let null: Descriptor
    private var table = ProcessTable()
    /// Processes whose leader has ended and whose group has not.
    private var remnants: [ManagedProcess] = []
    /// Those that could not be started again; kept apart, because health asks after every change.
    private(set) var failedProcesses: [Name: ManagedProcess] = [:]
    private var isShuttingDown = false
    private var whenAllGone: (() -> Void)?

    private static let shuttingDown = Failure(.notAllowed, "the agent is shutting down")

    init(
        loop: EventLoop, drivers: [any Driver], logs: ProcessLogs, gracePeriod: Double, processLimit: Int
    ) throws(SystemError) {
        self.loop = loop
        self.drivers = Dictionary(uniqueKeysWithValues: drivers.map { ($0.name, $0) })
        self.logs = logs
        self.gracePeriod = gracePeriod
        self.processLimit = processLimit
        null = try Descriptor.open("/dev/null", O_RDWR)
        Reaper.adoptOrphans()
    }

    // MARK: Requests

    func start(_ spec: ProcessSpec, reply: Reply) {
        do throws(Failure) {
            guard !isShuttingDown else { throw Self.shuttingDown }
            guard table.liveCount < processLimit else { throw Failure(.noCapacity, "too many processes") }
            if let name = spec.name, let present = table.byID[name], present.machine.isLive {
                throw Failure(.nameInUse, "\(name) is in use by a live process")
            }
            let id = spec.name ?? table.makeName(for: spec.invocation.programName)
            let process = ManagedProcess(id: id, spec: spec)
            perform(.start, on: process)
            if let failure = process.failure {
                if table.byID[id] == nil { logs.remove(id) }
                throw failure
            }
            reply(.started(id, pid: process.pid ?? 0))
        } catch {
            reply(.failed(error))
        }
    }

    func stop(_ reference: ProcessReference, reply: @escaping Reply) {
        guard let process = table.find(reference) else { return reply(.failed(reference.notFound)) }
        guard process.machine.isLive else {
            return reply(.failed(Failure(.noSuchProcess, "\(process.id) is not running")))
        }
        process.stopWaiters.append(reply)
        perform(.stop, on: process)
    }

    func reset(_ reference: ProcessReference, reply: @escaping Reply) {
        guard let process = table.find(reference) else { return reply(.failed(reference.notFound)) }
        guard !isShuttingDown else { return reply(.failed(Self.shuttingDown)) }
        process.resetWaiters.append(reply)
        perform(.restart, on: process)
    }

    func query(_ reference: ProcessReference) -> Outcome {
        if let process = table.find(reference), process.exit == nil { return .running }
        if case .pid(let pid) = reference, let status = table.exitStatus(pid) { return .ended(status) }
        return .failed(reference.notFound)
    }

    /// Stops everything, each by its own rules, and starts nothing any more; `then` is called when all is gone.
    ///
    /// Called again, it does not wait for grace periods.
    func stopAll(then: @escaping () -> Void) {
        let isRepeated = isShuttingDown
        isShuttingDown = true
        whenAllGone = then
        for process in processes where process.machine.isLive {
            perform(.stop, on: process)
            if isRepeated { perform(.deadlinePassed, on: process) }
        }
        finishIfAllGone()
    }

    // MARK: Observations

    var processes: some Sequence<ManagedProcess> { table.byID.values }
    var livePIDs: [Int32] { table.livePIDs }

    func process(_ id: Name) -> ManagedProcess? { table.byID[id] }

    private func isKnown(_ process: ManagedProcess) -> Bool { table.byID[process.id] === process }

    func entries(now: Double) -> [ProcessEntry] {
        processes.map { $0.entry(now: now) }.sorted { $0.id < $1.id }
    }

    /// Some children have ended (SIGCHLD).
    func reap() {
        Reaper.reap { pid, status in
            guard let process = table.leader(pid) else { return }
            leaderExited(process, pid, ExitStatus(status))
        }
        // An orphan may have been the last of its group.
        for process in remnants where process.handle?.isGroupEmpty ?? true {
            perform(.groupEmptied, on: process)
        }
    }

    private func leaderExited(_ process: ManagedProcess, _ pid: Int32, _ status: ExitStatus) {
        process.exit = status
        process.exitedAt = WallClock.now
        table.leaderExited(pid, status, at: process.exitedAt ?? 0)
        let isEmpty = process.handle?.isGroupEmpty ?? true
        if !isEmpty { remnants.append(process) }
        perform(.leaderExited(groupIsEmpty: isEmpty), on: process)
    }

    // MARK: Performing

    private func perform(_ event: ProcessMachine.Event, on process: ManagedProcess) {
        let before = process.machine
        let actions = process.machine.handle(event)
        let wasUp = before.isLive && before.phase != .starting
        let hasEnded = wasUp && (!process.machine.isLive || actions.contains(.spawn))
        if hasEnded { release(process) }
        for action in actions {
            switch action {
            case .spawn: spawn(process)
            case .terminate:
                process.handle?.signalGroup(SIGTERM)
                // Who is stopped hears no other signal.
                process.handle?.signalGroup(SIGCONT)
            case .kill: kill(process)
            case .awaitGrace: awaitDeadline(of: process, gracePeriod)
            case .awaitKill: awaitDeadline(of: process, Limits.killRecheck)
            case .cancelDeadline: loop.cancel(process.deadline)
            }
        }
        if process.machine != before {
            failedProcesses[process.id] = process.machine.phase == .failed && isKnown(process) ? process : nil
            changed(process.id)
        }
        if hasEnded, !process.machine.isLive { ended(process) }
    }

    private func spawn(_ process: ManagedProcess) {
        do throws(Failure) {
            guard let driver = drivers[process.spec.driver] else {
                throw Failure(.driverUnavailable, "no such driver: \(process.spec.driver)")
            }
            let plan = try driver.plan(process.spec)
            let handle = try launch(plan, logsOf: process.id)
            table.started(process, pid: handle.pid)
            process.command = ShellWords.join(plan.arguments)
            process.handle = consume handle
            process.restarts += process.startedAt == nil ? 0 : 1
            process.startedAt = WallClock.now
            process.exitedAt = nil
            process.exit = nil
            process.failure = nil
            process.killChecks = 0
            perform(.spawned, on: process)
            answer(&process.resetWaiters, .reset(process.id, pid: process.pid ?? 0))
        } catch {
            process.failure = error
            perform(.spawnFailed, on: process)
            answer(&process.resetWaiters, .failed(error))
        }
    }

    private func launch(_ plan: LaunchPlan, logsOf id: Name) throws(Failure) -> ProcessHandle {
        do throws(SpawnError) {
            if let files = openLogs(id) {
                return try ProcessHandle.spawn(plan, input: null, output: files.output, error: files.error)
            }
            return try ProcessHandle.spawn(plan, input: null, output: null, error: null)
        } catch {
            throw Failure(.execFailed, error.reason)
        }
    }

    /// Nil when they can't be opened: a full disk must not keep anybody's service down.
    private func openLogs(_ id: Name) -> ProcessLogs.Files? {
        do {
            let files = try logs.open(id)
            logFailure = nil
            return files
        } catch {
            logFailure = error
            return nil
        }
    }

    private func kill(_ process: ManagedProcess) {
        process.handle?.signalGroup(SIGKILL)
        process.killChecks += 1
        if Double(process.killChecks) * Limits.killRecheck > Limits.killPatience {
            let failure = Failure(.timeout, "still there \(Int(Limits.killPatience)) s after SIGKILL")
            answer(&process.stopWaiters, .failed(failure))
            answer(&process.resetWaiters, .failed(failure))
        }
    }

    private func awaitDeadline(of process: ManagedProcess, _ seconds: Double) {
        loop.cancel(process.deadline)
        process.deadline = loop.after(.seconds(seconds)) { [weak self, weak process] in
            guard let self, let process else { return }
            // The last of the group may have been somebody else's child, whose end nobody tells us.
            let isGone = process.exit != nil && process.handle?.isGroupEmpty ?? true
            perform(isGone ? .groupEmptied : .deadlinePassed, on: process)
        }
    }

    /// All of the process is gone: so are its handle and its claim on the pid.
    private func release(_ process: ManagedProcess) {
        if let pid = process.pid { table.gone(pid) }
        process.handle = nil
        remnants.removeAll { $0 === process }
        answer(&process.stopWaiters, .stopped)
    }

    private func ended(_ process: ManagedProcess) {
        answer(&process.resetWaiters, .failed(Failure(.notAllowed, "stopped by another request")))
        if let oldest = table.ended(process) {
            logs.remove(oldest.id)
            failedProcesses[oldest.id] = nil
            forgotten(oldest.id)
        }
        finishIfAllGone()
    }

    private func finishIfAllGone() {
        guard table.liveCount == 0, let then = whenAllGone else { return }
        whenAllGone = nil
        then()
    }

    private func answer(_ waiters: inout [Reply], _ outcome: Outcome) {
        let replies = waiters
        waiters = []
        for reply in replies { reply(outcome) }
    }
}

extension ExitStatus {
    fileprivate init(_ status: WaitStatus) {
        self = status.code.map { .exited(code: $0) } ?? .signaled(status.signal)
    }
}
