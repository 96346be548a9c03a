import var Glibc.SIGCONT
import var Glibc.SIGKILL
import LinuxSystem
import Model
import ServiceSupport
import Supervision
import Wire

/// Ending a process: the stop signal, SIGKILL, and the remnants of a tree after its main process has ended.
extension Supervisor {
    func terminate(_ process: ManagedProcess) {
        let signal = process.spec.stop.signal
        // Its descendants may be hard to find once it has ended.
        process.tree?.remember()
        if process.isUp {
            process.handle?.signal(signal)
            process.handle?.signal(SIGCONT)
            // The main process stops its descendants itself, in order.
            if process.spec.invocation.isAgent || process.spec.stop.target == .main { return }
        }
        process.tree?.signal(signal, continues: true)
    }

    func kill(_ process: ManagedProcess) {
        if process.launch.exitedAt != nil { noteLeftBehind(by: process) }
        if let tree = process.tree { process.end.killDelivery.add(tree.kill()) }
        if process.isUp, let delivery = process.handle?.signal(SIGKILL) { process.end.killDelivery.add(delivery) }
        process.end.killChecks += 1
        guard Double(process.end.killChecks) * Limits.killRecheck > Limits.killPatience else { return }
        let reason = reasonOfLife(of: process)
        if health.note(unending: process.id, reason) {
            Log.note("process \(process.id) can't be ended: \(reason)")
            changed(process.id)
        }
        let failure = Failure(.timeout, reason)
        answer(process, .stop, .failed(failure))
        answer(process, .reset, .failed(failure))
        // The agent ends although this process does not.
        if isShuttingDown { return finishIfAllGone() }
        // What SIGKILL does not end must not prevent a restart. Later, because ``perform(_:on:)`` is still at work.
        guard process.lifecycle.want == .up else { return }
        afterwards(in: .zero, process) { supervisor, process in supervisor.abandonRemnants(of: process) }
    }

    /// Why a process still lives, as far as that is known.
    private func reasonOfLife(of process: ManagedProcess) -> String {
        let members = process.tree?.members() ?? []
        let living = Set(members.compactMap { ProcessIdentity(of: $0) })
        let refused = living.filter { process.end.killDelivery.refusals.contains($0.pid) }
        guard refused.isEmpty else {
            return "no permission to signal \(refused.list)"
        }
        guard process.end.killDelivery.isSent else {
            return "still alive, and SIGKILL could not be sent: \(living.list)"
        }
        return "still alive \(Int(Limits.killPatience)) s after SIGKILL: \(living.list)"
    }

    // MARK: Remnants

    /// Records the remnants that are about to be ended.
    func noteLeftBehind(by process: ManagedProcess) {
        guard process.launch.leftBehind == nil, let tree = process.tree else { return }
        let (count, names) = tree.census(names: Limits.leftBehindNames)
        guard count > 0 else { return }
        let texts = names.compactMap { LastWords.of($0, limit: Limits.leftBehindName) }
        let leftBehind = LeftBehind(count: count, names: texts)
        process.launch.leftBehind = leftBehind
        process.hasUnnotedEnd = true
        Log.note("process \(process.id) has ended and left behind \(leftBehind); the agent ends what it has left")
    }

    /// Waits for the remnants that live now. Processes that appear in the tree later are killed without waiting.
    func awaitRemnants(of process: ManagedProcess) {
        process.end.awaited = process.tree?.remember() ?? []
        table.leftRemnants(process)
    }

    func lookAtRemnants() {
        for process in table.remnants where isGone(process) { treeEmptied(process) }
    }

    /// Whether no remnant is left that is waited for. Kills what has appeared in the tree later.
    func isGone(_ process: ManagedProcess) -> Bool {
        guard let tree = process.tree else { return true }
        process.end.awaited = process.end.awaited.filter { !$0.hasEnded }
        guard process.end.awaited.isEmpty else { return false }
        if tree.removeIfEmpty() { return true }
        // Otherwise a process could delay another one's restart by adding one process after the other to its tree.
        process.end.killDelivery.add(tree.kill())
        if tree.remove() { return true }
        guard !process.end.isAwaitingLatecomers else { return false }
        process.end.isAwaitingLatecomers = true
        afterwards(in: .seconds(Limits.killRecheck), process) { supervisor, process in
            if supervisor.isGone(process) {
                supervisor.treeEmptied(process)
            } else {
                supervisor.abandonRemnants(of: process)
            }
        }
        return false
    }

    /// Calls `body` later, unless the tree of this launch is gone by then.
    private func afterwards(
        in delay: Duration, _ process: ManagedProcess, _ body: @escaping (Supervisor, ManagedProcess) -> Void
    ) {
        let launch = process.launch.number
        loop.after(delay) { [weak self, weak process] in
            guard let self, let process, process.launch.number == launch, table.hasRemnants(process) else { return }
            body(self, process)
        }
    }

    func treeEmptied(_ process: ManagedProcess) {
        release(process)
        perform(.treeEmptied, on: process)
    }

    private func abandonRemnants(of process: ManagedProcess) {
        if let tree = process.tree { strays.abandon(tree, of: process.id) }
        treeEmptied(process)
    }

    // MARK: Strays

    /// The owner of an orphan that the keeper has adopted.
    func owner(of orphan: Int32) -> Strays.Owner {
        let launch = launcher.launch(of: orphan)
        // It may be the child of a launch under way, and not carry its mark yet.
        if launch.map({ launcher.underWay.contains($0) }) ?? !launcher.underWay.isEmpty { return .unclear }
        if let launch {
            if isLive(launch) { return .launch(launch) }
            if launcher.hasLaunched(launch) { return .endedLaunch }
        }
        let owner = processes.first { $0.tree?.owns(orphan: orphan) == true }
        return owner.map { .launch($0.launch.number) } ?? .none
    }

    /// Whether a launch has a tree: of a process, of a health check, or of a prestarted process.
    func isLive(_ launch: UInt64) -> Bool {
        table.launched(launch) != nil || checks.has(launch) || pool.has(launch)
    }

    /// Ends what the launches have left behind. To be called when all of them have ended.
    func endStrays(then: @escaping () -> Void) { strays.endAll(grace: settings.gracePeriod, then: then) }

    /// What the agent could not end, for its last health message.
    var survivors: [String] {
        let processes = processes.filter(\.lifecycle.hasTree).map { process in
            "process \(process.id)" + (process.isUp ? process.launch.pid.map { " (pid \($0))" } ?? "" : "")
        }
        return processes.sorted() + strays.left.map(\.description)
    }
}
