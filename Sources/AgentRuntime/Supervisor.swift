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
    var logFailure: SystemError?

    let loop: EventLoop
    let drivers: [String: any Driver]
    var logs: ProcessLogs
    let null: Descriptor
    var table = ProcessTable()
    /// Processes whose leader has ended and whose group has not.
    var remnants: [ManagedProcess] = []
    /// Those that could not be started again; kept apart, because health asks after every change.
    var failedProcesses: [Name: ManagedProcess] = [:]
    private(set) var isShuttingDown = false
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
            let id = spec.name ?? table.makeName(for: drivers[spec.driver]?.programName(of: spec) ?? spec.driver)
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
        // Nobody wants a failed one any more: then its failure is no news, either.
        let isWanted = process.machine.isLive || failedProcesses[process.id] === process
        guard isWanted else { return reply(.failed(Failure(.noSuchProcess, "\(process.id) is not running"))) }
        perform(.stop, on: process)
        if process.machine.isLive { process.stopWaiters.append(reply) } else { reply(.stopped) }
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

    func finishIfAllGone() {
        if table.liveCount == 0 { finish() }
    }

    func finish() {
        guard let then = whenAllGone else { return }
        whenAllGone = nil
        then()
    }

    // MARK: Observations

    var processes: some Sequence<ManagedProcess> { table.byID.values }
    var livePIDs: [Int32] { table.livePIDs }

    func process(_ id: Name) -> ManagedProcess? { table.byID[id] }

    func isKnown(_ process: ManagedProcess) -> Bool { table.byID[process.id] === process }

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
            perform(.treeEmptied, on: process)
        }
    }

    private func leaderExited(_ process: ManagedProcess, _ pid: Int32, _ status: ExitStatus) {
        process.exit = status
        process.exitedAt = WallClock.now
        table.leaderExited(pid, status, at: process.exitedAt ?? 0)
        let isEmpty = process.handle?.isGroupEmpty ?? true
        if !isEmpty { remnants.append(process) }
        perform(.leaderExited(treeIsEmpty: isEmpty), on: process)
    }
}

extension ExitStatus {
    fileprivate init(_ status: WaitStatus) {
        self = status.code.map { .exited(code: $0) } ?? .signaled(status.signal)
    }
}
