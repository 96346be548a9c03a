import LinuxSystem
import Model
import Supervision
import Wire

/// One process of the agent: the machine that decides, and what it takes to carry the decisions out.
final class ManagedProcess {
    typealias Waiter = (Outcome) -> Void

    let id: Name
    private(set) var spec: ProcessSpec
    let origin: ProcessOrigin
    var lifecycle: ProcessLifecycle
    var history: RestartHistory

    /// The latest launch, and what is held of it until all of its tree is gone.
    var launch = LaunchRecord()
    var handle: ProcessHandle?
    var tree: ProcessTree?
    var output: ProcessOutput? {
        didSet { output?.subscribers = subscribers }
    }
    /// Who looks on while it writes, through all its runs.
    var subscribers: OutputSubscribers?
    /// Whether the journal has still to hear of the end of the launch.
    var hasUnnotedEnd = false
    /// argv as it was launched, or would be, quoted.
    var command = ""
    var restarts = 0
    /// Why it could not be started, or was given up.
    var failure: Failure?
    /// What it waits for in vain.
    var obstacle: String?
    /// Those that are not what they must be before it starts, while it waits.
    var waitsFor: [Name] = []
    /// What a node or a VM has said last before it ended by itself.
    var lastWords: String?
    /// How often it was executed.
    var runs = 0
    /// Nil without a schedule.
    let timetable: Timetable?

    var readiness: ReadyWatch?
    var readyPipe: ReadyPipe?
    var checks: HealthChecks?
    var deadline: TimerID?
    private var treeEnd: TerminationState?
    private var waiters: [(awaited: Awaited, waiter: Waiter)] = []

    init(id: Name, spec: ProcessSpec, origin: ProcessOrigin = .request) {
        self.id = id
        self.spec = spec
        self.origin = origin
        timetable = spec.schedule.map { _ in Timetable() }
        lifecycle = ProcessLifecycle(of: spec)
        history = RestartHistory()
        command = ShellWords.join(spec.invocation.words)
    }

    /// As an agent before this one knew it.
    init(id: Name, _ record: ProcessRecord) {
        self.id = id
        spec = record.spec
        origin = record.origin
        timetable = record.spec.schedule.map { _ in Timetable(failedRun: record.failedRun) }
        lifecycle = ProcessLifecycle(of: record.spec)
        history = record.history
        launch = record.launch
        restarts = record.restarts
        runs = record.runs
        failure = record.failure
        command = record.command.isEmpty ? ShellWords.join(spec.invocation.words) : record.command
    }

    /// Goes by other rules from now on.
    func change(to spec: ProcessSpec) {
        self.spec = spec
        lifecycle.hasDependencies = !spec.dependsOn.isEmpty
    }

    /// How far the end of the present launch has come.
    var end: TerminationState {
        let end = treeEnd ?? TerminationState()
        treeEnd = end
        return end
    }

    func forgetEnd() { treeEnd = nil }

    func stopsWaiting() {
        obstacle = nil
        waitsFor = []
    }

    /// Those who look on, of whom there is to be one.
    var watched: OutputSubscribers {
        let subscribers = subscribers ?? OutputSubscribers()
        self.subscribers = subscribers
        output?.subscribers = subscribers
        return subscribers
    }

    /// What somebody who has asked waits for: that it is up, up anew, or gone.
    enum Awaited { case start, reset, stop }

    func await(_ awaited: Awaited, _ waiter: @escaping Waiter) { waiters.append((awaited, waiter)) }

    /// Takes waiters before they are answered: whoever hears an answer may ask again at once.
    func take(_ awaited: Awaited) -> [Waiter] {
        let taken = waiters.filter { $0.awaited == awaited }
        // An array anew: one that has been emptied would keep its memory.
        if !taken.isEmpty { waiters = waiters.filter { $0.awaited != awaited } }
        return taken.map(\.waiter)
    }

    /// How the latest run ended; nil before that.
    var lastEnd: LastEnd? { launch.exitedAt.map { _ in LastEnd(exit: launch.exit, isOwn: launch.isOwnEnd) } }

    /// Whether the process itself, not only something that it started, is there.
    var isUp: Bool { handle != nil && launch.exitedAt == nil }

    /// Seconds that the latest run was up, or is; 0 when it never was.
    var upTime: Double {
        switch lifecycle.phase {
        // An agent that takes over finds it ended.
        case .running, .idle: break
        default: return 0
        }
        guard let start = launch.startedAt else { return 0 }
        return max(0, (launch.exitedAt ?? BootClock.now) - start)
    }

    func entry(by clock: SystemClock) -> ProcessEntry {
        func wallTime(_ seconds: Double?) -> Double? { seconds.map { clock.wallTime(at: $0).rounded(toPlaces: 3) } }
        let reason = isUp ? failure?.detail : trouble
        var entry = ProcessEntry(
            id: id, driver: spec.driver, state: lifecycle.state, want: lifecycle.want, command: command,
            pid: isUp ? launch.pid : nil, startedAt: wallTime(launch.startedAt), exitedAt: wallTime(launch.exitedAt),
            exit: launch.exit, restarts: restarts,
            uptime: isUp ? launch.startedAt.map { max(0, BootClock.now - $0).rounded(toPlaces: 3) } : nil,
            error: reason.map { $0 + (lastWords.map { ": \($0)" } ?? "") } ?? lastWords ?? obstacle
                ?? checks?.ailment.map { "unhealthy: \($0)" })
        if spec.schedule != nil { entry.runs = runs }
        entry.healthy = checks?.isHealthy
        entry.nextStart = timetable?.nextStart
        entry.leftBehind = launch.leftBehind
        entry.waitsFor = waitsFor
        if case .vm(let vm) = spec.invocation { entry.vm = vm }
        return entry
    }

    /// Why it is not as somebody wants it.
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
