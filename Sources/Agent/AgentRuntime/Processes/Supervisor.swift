import Drivers
import JSONCodec
import LinuxSystem
import Logs
import Model
import Supervision
import Wire

/// Starts, stops and watches the processes of the agent.
///
/// Each ``ManagedProcess`` has a ``ProcessLifecycle`` that decides. The supervisor turns requests, timers and what the
/// keeper reports into events for it (``perform(_:on:)``) and carries out the actions that come back. It runs on the
/// event loop only. Threads that make launches report to the loop.
///
/// A request is answered when its work has ended, so answers may come in another order than requests: no request waits
/// for the grace period of another process. A process is in ``table`` until it is forgotten; its launch belongs to it
/// from the launch number's assignment until ``release(_:)``, when the whole tree is gone.
///
/// State has owners with private variables: processes and their launches ``ManagedProcess`` and ``Run``, waits
/// ``DependencyQueue``, checks ``HealthCheckRunner``, requests before there is a process ``PendingStarts`` and
/// ``ApplyQueue``. The supervisor connects them.
///
/// The extensions, by subject: `Requests`, `Apply`, `Update`, `Performing` (lifecycle actions), `Waiting`
/// (dependencies, readiness, health), `Schedules`, `Termination` (stop signals, remnants, strays), `Logs`, `Recovery`
/// (after the death of a worker or an agent).
final class Supervisor: HealthSource {
    typealias Reply = (Outcome) -> Void

    /// Called for each process that has changed, and for each that is forgotten.
    var changed: (Name) -> Void = { _ in }
    var forgotten: (Name) -> Void = { _ in }

    var settings = SupervisorSettings()

    let loop: EventLoop
    let clock: SystemClock
    let launcher: Launcher
    let pool: PrestartPool
    let link: KeeperLink
    let stateStore: AgentStateStore
    let strays: Strays
    let events: EventLog
    let health = ProcessHealthReasons()
    let pendingStarts = PendingStarts()
    let applyQueue: ApplyQueue
    let checks: HealthCheckRunner
    let subscriptions: OutputSubscriptions
    let waiting = DependencyQueue()
    let waitingLook: DeferredCall
    private let finishCheck: DeferredCall
    let logDirectory: String
    let table = ProcessTable()
    private(set) var isShuttingDown = false
    private var whenAllGone: (() -> Void)?

    init(
        loop: EventLoop, clock: SystemClock, launcher: Launcher, pool: PrestartPool, link: KeeperLink,
        stateStore: AgentStateStore, strays: Strays, events: EventLog, logDirectory: String
    ) {
        self.loop = loop
        self.clock = clock
        self.launcher = launcher
        self.pool = pool
        self.link = link
        self.stateStore = stateStore
        self.strays = strays
        self.events = events
        self.logDirectory = logDirectory
        waitingLook = DeferredCall(on: loop)
        finishCheck = DeferredCall(on: loop)
        checks = HealthCheckRunner(loop: loop, launcher: launcher, link: link)
        subscriptions = OutputSubscriptions(loop: loop)
        applyQueue = ApplyQueue(examine: launcher.examine)
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

    /// The launches that have a tree or are about to have one.
    var launches: Set<UInt64> {
        Set(processes.lazy.filter(\.lifecycle.hasTree).map(\.launch.number)).union(launcher.underWay)
    }

    var reasons: [String] {
        let (ended, running) = health.reasons { checks[$0]?.ailment }
        return ended + strays.reasons + running + waiting.reasons
    }

    var entries: [ProcessEntry] { table.all.map(entry).sorted { $0.id < $1.id } }

    func entry(of process: ManagedProcess) -> ProcessEntry {
        process.entry(by: clock, unmet: waiting.unmet(of: process.id), checks: checks[process.id])
    }

    /// Stops all processes by their stop rules, dependants first, and starts none any more.
    ///
    /// Called again, it does not wait for grace periods.
    ///
    /// - Parameter then: called when all are gone, except those that can't be ended.
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

    /// Stops the processes that no live process depends on.
    func stopNext() {
        let live = table.all.filter { $0.lifecycle.isLive && !health.isUnending($0.id) }
        let needed = Set(live.lazy.flatMap(\.spec.prerequisites))
        let free = live.filter { !needed.contains($0.id) }
        // Replacing a process can make two depend on each other. If only such are left, all are stopped at once.
        for process in free.isEmpty ? live : free { perform(.stop, on: process) }
    }

    /// Checks after the present call whether all are gone; once for many ends, because a check looks at all processes.
    func finishIfAllGone() {
        guard isShuttingDown else { return }
        finishCheck.request { [weak self] in
            guard let self else { return }
            // What can't be ended is not waited for.
            let isWaiting = table.all.contains { $0.lifecycle.isLive && !health.isUnending($0.id) }
            if isWaiting { stopNext() } else { finish() }
        }
    }

    func finish() {
        guard let then = whenAllGone else { return }
        whenAllGone = nil
        then()
    }

    /// The lines of a rewritten journal.
    private var snapshot: [[JSON.Member]] {
        table.exitRecords.members
            + table.all.map { [.init("id", .string($0.id.description))] + $0.record.members }
    }

    /// Resets the table, including its exit records. To be called when all processes have ended and been forgotten.
    func forgetAll() {
        table.reset()
        stateStore.rewrite()
    }

    // MARK: Ends

    /// Handles the ends that the keeper reports.
    func take(_ exits: [KeeperLink.Exit]) {
        for exit in exits where exit.launch != 0 {
            let status = ExitStatus(exit.status)
            if let process = table.launched(exit.launch) {
                mainExited(process, status)
            } else if !checks.ended(exit.launch, status), !launcher.hold(exit), !pool.ended(exit.launch) {
                // The program could not be executed; the start has reported that.
                link.release(exit.launch)
            }
        }
        // An orphan may have been the last of its tree.
        lookAtRemnants()
        strays.lookSoon()
    }

    /// - Parameter status: nil when it is unknown.
    func mainExited(_ process: ManagedProcess, _ status: ExitStatus?) {
        guard process.launch.exitedAt == nil else { return }
        let isEmpty = process.mainExited(status)
        let launch = process.launch
        if launch.isOwnEnd {
            events.note(.exited(process.id, pid: launch.pid, status, uptime: launch.upTime))
        }
        table.mainExited(process)
        if isEmpty { release(process) } else { awaitRemnants(of: process) }
        if process.launch.isOwnEnd, !isEmpty { noteLeftBehind(by: process) }
        perform(.mainExited(treeIsEmpty: isEmpty), on: process)
        if process.hasUnnotedEnd { noteEnd(of: process) }
    }

    /// Releases what belongs to a launch after its tree is gone.
    func release(_ process: ManagedProcess) {
        table.gone(process)
        process.released()
        health.released(process.id)
        link.release(process.launch.number)
    }
}

extension ExitStatus {
    init(_ status: WaitStatus) {
        self = status.code.map { .exited(code: $0) } ?? .signaled(status.signal)
    }
}
