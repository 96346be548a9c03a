import JSONCodec
import LinuxSystem
import Logs
import Model
import Supervision
import Wire

/// One process of the agent: its spec, its lifecycle, its latest launch, and the requests that wait for it.
///
/// It does no I/O by itself: ``Supervisor`` reports here what it does and what happens, all on the loop. ``run`` belongs
/// to the latest launch and is nil once its tree is gone; ``launch`` stays, for queries. What ``record`` holds is written
/// to the journal, and the next worker makes the process from it.
final class ManagedProcess {
    typealias Waiter = (Outcome) -> Void

    let id: Name
    private(set) var spec: ProcessSpec
    let origin: ProcessOrigin
    private(set) var lifecycle: ProcessLifecycle
    private var history: RestartHistory

    /// The latest launch.
    private(set) var launch = LaunchRecord()
    /// What belongs to it, until its tree is gone.
    private(set) var run: Run?
    /// Whether the end of the launch is still to be written to the journal.
    private(set) var hasUnnotedEnd = false
    /// argv as launched, or as it would be launched, quoted for a shell.
    private(set) var command = ""
    private(set) var restarts = 0
    /// Why it could not be started, or is not restarted any more.
    private(set) var failure: Failure?
    /// The last line that a node or a VM wrote to stderr before it failed.
    private(set) var lastWords: String?
    /// The number of its launches that have succeeded.
    private(set) var runs = 0
    /// Nil without a schedule.
    let timetable: Timetable?

    private var deadline: TimerID?
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

    // MARK: Its lifecycle

    /// Advances the lifecycle by an event.
    ///
    /// - Parameters:
    ///   - end: how the run ends by that event; nil when it does not, or when a request has ended it.
    ///   - jitter: see ``RestartHistory/decision(for:after:rules:at:jitter:)``.
    /// - Returns: what is to be carried out, and what is to be written to the journal before that.
    func advance(
        by event: ProcessLifecycle.Event, _ end: RunEnd?, jitter: @autoclosure () -> Double = .random(in: 0..<1)
    ) -> (actions: [ProcessLifecycle.Action], news: [JSON.Member]) {
        if event == .restart { history = RestartHistory() }
        guard let end else { return (lifecycle.handle(event), []) }
        let (decision, news) = decide(on: end, jitter())
        return (lifecycle.handle(event, decision: decision), news)
    }

    private func decide(on end: RunEnd, _ jitter: Double) -> (RestartDecision, news: [JSON.Member]) {
        if let timetable {
            let failedRun = end.isFailure ? "\(end)" : nil
            return (.staysEnded, timetable.ended(failedRun) ? [ProcessRecord.member(failedRun: failedRun)] : [])
        }
        let decision = history.decision(
            for: end, after: upTime, rules: spec.restart, at: BootClock.now, jitter: jitter)
        switch decision {
        case .givesUp(let reason): failure = Failure(.execFailed, reason)
        case .restarts: return (decision, [ProcessRecord.member(restarts: restarts, history)])
        case .staysEnded: break
        }
        return (decision, [])
    }

    /// Calls `passed` after `seconds`; there is one deadline at most.
    func awaitDeadline(_ seconds: Double, on loop: EventLoop, passed: @escaping () -> Void) {
        loop.cancel(deadline)
        deadline = loop.after(.seconds(seconds), passed)
    }

    func cancelDeadline(on loop: EventLoop) { loop.cancel(deadline) }

    // MARK: Its launches

    /// Begins a launch. A launch after the first is a restart, but not if the schedule makes it.
    func begin(launch number: UInt64) {
        if launch.number != 0, spec.schedule == nil { restarts += 1 }
        launch = LaunchRecord(number: number)
    }

    /// The launch has failed, or can't be tried. The reason is kept until a launch succeeds.
    func startFailed(_ failure: Failure) { self.failure = failure }

    /// The launch has succeeded.
    func launched(_ run: Run, command: String) {
        self.run = run
        self.command = command
        launch.pid = run.identity?.pid
        launch.startTime = run.identity?.startTime
        launch.startedAt = BootClock.now
        runs += 1
        failure = nil
        lastWords = nil
    }

    /// Takes over what an earlier worker has left of the latest launch.
    ///
    /// - Parameters:
    ///   - pid: the pid that the keeper knows, even when that worker was killed before it could write it to the journal.
    ///   - isChild: whether the main process is a child of the keeper.
    /// - Returns: whether the main process lives, or the keeper is about to report its end, because it has seen it.
    func adopt(_ tree: ProcessTree, pid: Int32?, isChild: Bool, on loop: EventLoop) -> Bool {
        tree.isAdopted = !isChild
        launch.pid = launch.pid ?? pid
        let hasEnded = launch.exitedAt != nil
        let run = Run.adopt(
            hasEnded ? nil : launch.pid, startTime: launch.startTime, isChild: isChild, in: tree,
            readyDescriptor: spec.ready?.descriptor, on: loop)
        self.run = run
        guard run.isUp || isChild && !hasEnded else { return false }
        launch.startTime = run.identity?.startTime ?? launch.startTime
        launch.startedAt = launch.startedAt ?? run.identity?.startTime.map(BootClock.seconds(ofTicks:)) ?? BootClock.now
        return true
    }

    /// The main process has ended.
    ///
    /// - Parameter status: nil when it is unknown.
    /// - Returns: whether its tree is empty.
    func mainExited(_ status: ExitStatus?) -> Bool {
        launch.end(status, isOwn: lifecycle.phase.isRunByItself)
        hasUnnotedEnd = true
        return run?.mainExited() ?? true
    }

    /// The main process has ended while no worker lived. How and when is unknown; the time is set to now.
    ///
    /// - Parameter phase: the last phase that the earlier worker has noted.
    func hadExited(in phase: ProcessLifecycle.Phase) {
        guard launch.pid != nil, launch.exitedAt == nil else { return }
        launch.end(nil, isOwn: phase.isRunByItself)
    }

    /// Records the remnants that are about to be ended, once for each launch.
    ///
    /// - Returns: nil when there are none, or when they were recorded before.
    func noteLeftBehind() -> LeftBehind? {
        guard launch.leftBehind == nil, let leftBehind = run?.census() else { return nil }
        launch.leftBehind = leftBehind
        hasUnnotedEnd = true
        return leftBehind
    }

    /// The end of the launch, to be written to the journal now; empty if that is done.
    func takeUnnotedEnd() -> [JSON.Member] {
        guard hasUnnotedEnd else { return [] }
        hasUnnotedEnd = false
        return launch.members
    }

    /// The tree is gone. The pid may belong to another process from now on.
    func released() {
        let output = run?.output
        // Before the last output is read: a sign of readiness comes too late.
        run = nil
        output?.finish()
    }

    /// Copies the last line that a failed node or VM wrote to stderr into its entry: that line tells why it failed.
    func takeLastWords(from place: ProcessOutput.Place) {
        guard spec.invocation.isAgent, let exit = launch.exit, exit.signal == nil, exit.exitCode != 0 else { return }
        let reading = LogFiles.Reading(count: 1, limit: Limits.lastWords)
        lastWords = (try? place.files(of: .stderr).lastLines(reading))?.lines.last?.text
    }

    // MARK: Waiters

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

    // MARK: Queries

    /// How the latest run ended; nil before that.
    var lastEnd: LastEnd? { launch.exitedAt.map { _ in LastEnd(exit: launch.exit, isOwn: launch.isOwnEnd) } }

    /// Whether the main process lives.
    var isUp: Bool { run?.isUp ?? false }

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
