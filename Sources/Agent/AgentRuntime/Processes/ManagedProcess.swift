import LinuxSystem
import Model
import Supervision
import Wire

/// One process of the agent: its spec, its lifecycle, and what the supervisor needs to carry out the lifecycle's
/// actions.
///
/// It does nothing itself: ``Supervisor`` passes events to ``lifecycle`` and changes the other properties, all on the
/// loop. ``handle``, ``tree`` and ``output`` belong to the latest launch and are nil once its tree is gone; ``launch``
/// stays, for queries. What ``record`` holds is written to the journal, and the next worker makes the process from it.
final class ManagedProcess {
    typealias Waiter = (Outcome) -> Void

    let id: Name
    private(set) var spec: ProcessSpec
    let origin: ProcessOrigin
    var lifecycle: ProcessLifecycle
    var history: RestartHistory

    /// The latest launch; its handle, tree and output are kept until its tree is gone.
    var launch = LaunchRecord()
    var handle: ProcessHandle?
    var tree: ProcessTree?
    var output: ProcessOutput?
    /// Whether the end of the launch is still to be written to the journal.
    var hasUnnotedEnd = false
    /// argv as launched, or as it would be launched, quoted for a shell.
    var command = ""
    var restarts = 0
    /// Why it could not be started, or is not restarted any more.
    var failure: Failure?
    /// The last line that a node or a VM wrote to stderr before it failed.
    var lastWords: String?
    /// The number of its launches that have succeeded.
    var runs = 0
    /// Nil without a schedule.
    let timetable: Timetable?

    var readiness: ReadyWatch?
    var readyPipe: ReadyPipe?
    var deadline: TimerID?
    private var treeEnd: TerminationState?
    private var waiters: [(awaited: Awaited, waiter: Waiter)] = []

    init(id: Name, spec: ProcessSpec, origin: ProcessOrigin = .request) {
        self.id = id
        self.spec = spec
        self.origin = origin
        timetable = spec.schedule.map { Timetable($0) }
        lifecycle = ProcessLifecycle(of: spec)
        history = RestartHistory()
        command = ShellWords.join(spec.invocation.words)
    }

    /// The process as the journal describes it.
    init(id: Name, _ record: ProcessRecord) {
        self.id = id
        spec = record.spec
        origin = record.origin
        timetable = record.spec.schedule.map { Timetable($0, failedRun: record.failedRun) }
        lifecycle = ProcessLifecycle(of: record.spec)
        history = record.history
        launch = record.launch
        restarts = record.restarts
        runs = record.runs
        failure = record.failure
        command = record.command.isEmpty ? ShellWords.join(spec.invocation.words) : record.command
    }

    /// Replaces the spec while the process runs.
    func change(to spec: ProcessSpec) {
        self.spec = spec
        lifecycle.hasDependencies = !spec.dependsOn.isEmpty
    }

    /// The progress of the termination of the present launch; made when first needed.
    var end: TerminationState {
        let end = treeEnd ?? TerminationState()
        treeEnd = end
        return end
    }

    func forgetEnd() { treeEnd = nil }

    /// What a requester waits for: that the process is up, restarted, or gone.
    enum Awaited { case start, reset, stop }

    func await(_ awaited: Awaited, _ waiter: @escaping Waiter) { waiters.append((awaited, waiter)) }

    /// Removes and returns waiters. They are removed before they are answered, because an answer may lead to the next
    /// request at once.
    func take(_ awaited: Awaited) -> [Waiter] {
        let taken = waiters.filter { $0.awaited == awaited }
        // A new array, because an emptied one would keep its memory.
        if !taken.isEmpty { waiters = waiters.filter { $0.awaited != awaited } }
        return taken.map(\.waiter)
    }

    /// How the latest run ended; nil before that.
    var lastEnd: LastEnd? { launch.exitedAt.map { _ in LastEnd(exit: launch.exit, isOwn: launch.isOwnEnd) } }

    /// Whether the main process lives.
    var isUp: Bool { handle != nil && launch.exitedAt == nil }

    /// Seconds that the latest run has been up; 0 when it never was.
    var upTime: Double {
        switch lifecycle.phase {
        // `idle`: during recovery, of a process that ended while no worker lived.
        case .running, .idle: break
        default: return 0
        }
        guard let start = launch.startedAt else { return 0 }
        return max(0, (launch.exitedAt ?? BootClock.now) - start)
    }

    /// - Parameters:
    ///   - unmet: what it waits for before it starts.
    ///   - checks: its health checks, while it runs.
    func entry(by clock: SystemClock, unmet: DependencyQueue.Unmet?, checks: HealthChecks?) -> ProcessEntry {
        func wallTime(_ seconds: Double?) -> Double? { seconds.map { clock.wallTime(at: $0).rounded(toPlaces: 3) } }
        let reason = isUp ? failure?.detail : trouble
        var entry = ProcessEntry(
            id: id, driver: spec.driver, state: lifecycle.state, want: lifecycle.want, command: command,
            pid: isUp ? launch.pid : nil, startedAt: wallTime(launch.startedAt), exitedAt: wallTime(launch.exitedAt),
            exit: launch.exit, restarts: restarts,
            uptime: isUp ? launch.startedAt.map { max(0, BootClock.now - $0).rounded(toPlaces: 3) } : nil,
            error: reason.map { $0 + (lastWords.map { ": \($0)" } ?? "") } ?? lastWords ?? unmet?.obstacle
                ?? checks?.ailment.map { "unhealthy: \($0)" })
        if spec.schedule != nil { entry.runs = runs }
        entry.healthy = checks?.isHealthy
        entry.nextStart = timetable?.nextStart
        entry.leftBehind = launch.leftBehind
        entry.waitsFor = unmet?.dependencies ?? []
        if case .vm(let vm) = spec.invocation { entry.vm = vm }
        return entry
    }

    /// Why it has failed; nil when it has not.
    var trouble: String? { failure?.detail ?? timetable?.failedRun }

    var record: ProcessRecord {
        ProcessRecord(
            spec: spec, origin: origin, lifecycle: lifecycle.record, launch: launch, command: command, failure: failure,
            restarts: restarts, runs: runs, failedRun: timetable?.failedRun, nextStart: timetable?.nextStart,
            history: history)
    }
}

extension ProcessLifecycle {
    init(of spec: ProcessSpec) {
        self.init(
            hasDependencies: !spec.dependsOn.isEmpty, showsReadiness: spec.ready != nil,
            isPeriodic: spec.schedule != nil)
    }
}
