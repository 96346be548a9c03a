import DequeModule
import Drivers
import Glibc
import JSONCodec
import LinuxSystem
import Logs
import Model
import Supervision
import Wire

/// Starts, stops and watches processes: performs what each one's machine decides.
///
/// Replies come when the work has ended, in that order; nobody waits for somebody else's grace period.
final class Supervisor: HealthSource {
    typealias Reply = (Outcome) -> Void

    /// Told of each process that has changed, and of each that is forgotten.
    var changed: (Name) -> Void = { _ in }
    var forgotten: (Name) -> Void = { _ in }

    /// Seconds between the stop signal and SIGKILL.
    var gracePeriod = Limits.gracePeriod
    var quotas = Quotas()

    let loop: EventLoop
    let clock: SystemClock
    let launcher: Launcher
    let pool: PrestartPool
    let link: KeeperLink
    let stateStore: AgentStateStore
    let strays: Strays
    let logDirectory: String
    var table = ProcessTable()
    /// Processes whose leader has ended and whose tree has not.
    var remnants: [ManagedProcess] = []
    /// Those that wait for others, and whether they are about to be looked at.
    var waiting: [ManagedProcess] = []
    var isLookDue = false
    /// Those that are not as somebody wants them; kept apart, because health asks after every change.
    var troubled: [Name: ManagedProcess] = [:]
    /// Why processes can't be ended.
    var unending: [Name: String] = [:]
    /// Those whose health checks fail.
    var unhealthy: Set<Name> = []
    /// Why logs are not written, by process.
    var logOutages: [Name: [LogStream: LogOutage]] = [:]
    var checks: [UInt64: RunningCheck] = [:]
    /// Starts whose spec is still judged, by the names they ask for.
    var pendingStarts: [Name: PendingStart] = [:]
    /// Applications whose specs are still judged, which are carried out in the order in which they came.
    var applyChecks: Deque<ApplyPolicyCheck> = []
    private(set) var isShuttingDown = false
    private var isFinishDue = false
    private var whenAllGone: (() -> Void)?

    init(
        loop: EventLoop, clock: SystemClock, launcher: Launcher, pool: PrestartPool, link: KeeperLink,
        stateStore: AgentStateStore, strays: Strays,
        logDirectory: String
    ) {
        self.loop = loop
        self.clock = clock
        self.launcher = launcher
        self.pool = pool
        self.link = link
        self.stateStore = stateStore
        self.strays = strays
        self.logDirectory = logDirectory
        strays.owner = { [unowned self] in owner(of: $0) }
        strays.isLive = { [unowned self] in isLive($0) }
        stateStore.snapshot = { [unowned self] in snapshot }
        clock.wasSet = { [unowned self] in clockWasSet(by: $0) }
        launcher.ended = { [unowned self] in take([$0]) }
    }

    // MARK: All of them

    var processes: some Collection<ManagedProcess> { table.byID.values }
    var livePIDs: [Int32] { table.livePIDs }

    func process(_ id: Name) -> ManagedProcess? { table.byID[id] }

    func isKnown(_ process: ManagedProcess) -> Bool { table.byID[process.id] === process }

    /// Those that have a tree, or are about to.
    var launches: Set<UInt64> {
        Set(processes.lazy.filter(\.lifecycle.hasTree).map(\.launch.number)).union(launcher.underWay)
    }

    var reasons: [String] {
        troubled.values.map { "process \($0.id) failed: \($0.trouble ?? "unknown reason")" }.sorted()
            + unending.map { "process \($0.key) can't be ended: \($0.value)" }.sorted() + strays.reasons
            + unhealthy.compactMap { id in
                table.byID[id]?.checks?.ailment.map { "process \(id) is unhealthy: \($0)" }
            }.sorted()
            + logOutages.compactMap { id, outages in
                outages.values.first.map { "the log of \(id) is not written: \($0.reason)" }
            }.sorted()
            + waiting.compactMap { process in process.obstacle.map { "process \(process.id) \($0)" } }.sorted()
    }

    var entries: [ProcessEntry] {
        table.all.map { $0.entry(by: clock) }.sorted { $0.id < $1.id }
    }

    /// Stops everything, each by its own rules and none before those that depend on it, and starts nothing any more;
    /// `then` is called when all is gone.
    ///
    /// Called again, it does not wait for grace periods.
    func stopAll(then: @escaping () -> Void) {
        let isRepeated = isShuttingDown
        isShuttingDown = true
        if !isRepeated { stateStore.note(.ending) }
        whenAllGone = then
        stopNext()
        launcher.close()
        if isRepeated {
            for process in processes where process.lifecycle.phase == .terminating {
                perform(.deadlinePassed, on: process)
            }
        }
        finishIfAllGone()
    }

    /// Stops whom nobody that is still there depends on.
    func stopNext() {
        let live = table.all.filter { $0.lifecycle.isLive && unending[$0.id] == nil }
        let needed = Set(live.lazy.flatMap(\.spec.prerequisites))
        let free = live.filter { !needed.contains($0.id) }
        // Two that depend on each other, which a replaced one can bring about, hold up nobody.
        for process in free.isEmpty ? live : free { perform(.stop, on: process) }
    }

    /// Looks once for all that have ended at a time: each look takes all that live into account.
    func finishIfAllGone() {
        guard isShuttingDown, !isFinishDue else { return }
        isFinishDue = true
        loop.after(.zero) { [weak self] in
            guard let self else { return }
            isFinishDue = false
            // What can't be ended is not waited for.
            let isWaiting = table.all.contains { $0.lifecycle.isLive && unending[$0.id] == nil }
            if isWaiting { stopNext() } else { finish() }
        }
    }

    func finish() {
        guard let then = whenAllGone else { return }
        whenAllGone = nil
        then()
    }

    /// What a new journal says.
    private var snapshot: [[JSON.Member]] {
        table.exitRecords.members
            + table.all.map { [.init("id", .string($0.id.description))] + $0.record.members }
    }

    /// As if nothing had ever run; when all that did has ended and is forgotten already, but for how it ended.
    func forgetAll() {
        table = ProcessTable()
        stateStore.rewrite()
    }

    // MARK: Ends

    /// What the keeper has seen.
    func take(_ exits: [KeeperLink.Exit]) {
        for exit in exits where exit.launch != 0 {
            let status = ExitStatus(exit.status)
            if let process = table.launched(exit.launch) {
                leaderExited(process, status)
            } else if let check = checks.removeValue(forKey: exit.launch) {
                check.ended(status)
                link.release(exit.launch)
            } else if !launcher.hold(exit), !pool.ended(exit.launch) {
                // It could not even be executed, which its start has told.
                link.release(exit.launch)
            }
        }
        // An orphan may have been the last of its tree.
        lookAtRemnants()
        strays.lookSoon()
    }

    /// - Parameter status: nil when nobody saw it.
    func leaderExited(_ process: ManagedProcess, _ status: ExitStatus?) {
        guard process.launch.exitedAt == nil else { return }
        process.launch.exit = status
        process.launch.exitedAt = BootClock.now
        process.launch.isOwnEnd = process.lifecycle.phase.isRunByItself
        table.leaderExited(process)
        process.hasUnnotedEnd = true
        process.tree?.mainEnded()
        let isEmpty = process.tree?.removeIfEmpty() ?? true
        if isEmpty { release(process) } else { awaitRemnants(of: process) }
        if process.launch.isOwnEnd, !isEmpty { noteLeftBehind(by: process) }
        perform(.leaderExited(treeIsEmpty: isEmpty), on: process)
        if process.hasUnnotedEnd { noteEnd(of: process) }
    }

    /// All of the process is gone: so are its handle and its claim on the pid.
    func release(_ process: ManagedProcess) {
        table.gone(process)
        process.handle = nil
        process.readiness = nil
        process.readyPipe = nil
        process.output?.finish()
        process.output = nil
        // What it wrote last is told in the log itself.
        logOutages[process.id] = nil
        process.tree = nil
        process.forgetEnd()
        unending[process.id] = nil
        remnants.removeAll { $0 === process }
        link.release(process.launch.number)
    }
}

extension ExitStatus {
    init(_ status: WaitStatus) {
        self = status.code.map { .exited(code: $0) } ?? .signaled(status.signal)
    }
}
