import Glibc
import LinuxSystem
import Model
import Supervision
import Wire

/// Bringing a process to its end, and what is left of it when it has ended by itself.
extension Supervisor {
    func terminate(_ process: ManagedProcess) {
        let signal = process.spec.stop.signal
        // What it has started may be hard to find once it has ended.
        process.tree?.remember()
        if process.isUp {
            process.handle?.signal(signal)
            process.handle?.signal(SIGCONT)
            // It ends what it has started itself, in order.
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
        if unending.updateValue(reason, forKey: process.id) == nil {
            Log.note("process \(process.id) can't be ended: \(reason)")
            changed(process.id)
        }
        let failure = Failure(.timeout, reason)
        answer(process, .stop, .failed(failure))
        answer(process, .reset, .failed(failure))
        // An agent told to end must end.
        if isShuttingDown { return finishIfAllGone() }
        // Its leader is gone, and to be started again; never within this call.
        guard process.lifecycle.want == .up else { return }
        afterwards(in: .zero, process) { supervisor, process in supervisor.abandonRemnants(of: process) }
    }

    /// Why a process is there still, in words that say no more than is known.
    private func reasonOfLife(of process: ManagedProcess) -> String {
        let members = process.tree?.members() ?? []
        let living = Set(members.compactMap { ProcessIdentity(of: $0) })
        let refused = living.filter { process.end.killDelivery.refusals.contains($0.pid) }
        guard refused.isEmpty else {
            return "no permission to signal \(refused.list)"
        }
        guard process.end.killDelivery.isSent else {
            return "still there, and no SIGKILL could be sent: \(living.list)"
        }
        return "still there \(Int(Limits.killPatience)) s after SIGKILL: \(living.list)"
    }

    // MARK: After its leader

    /// Takes down what outlives the main process and is ended for that.
    func noteLeftBehind(by process: ManagedProcess) {
        guard process.launch.leftBehind == nil, let tree = process.tree else { return }
        let (count, names) = tree.census(names: Limits.leftBehindNames)
        guard count > 0 else { return }
        let texts = names.compactMap { LastWords.of($0, limit: Limits.leftBehindName) }
        let leftBehind = LeftBehind(count: count, names: texts)
        process.launch.leftBehind = leftBehind
        process.hasUnnotedEnd = true
        Log.note("process \(process.id) has ended and left behind \(leftBehind); what it left is ended")
    }

    /// What the leader has left is waited for; what appears from now on is not.
    func awaitRemnants(of process: ManagedProcess) {
        process.end.awaited = process.tree?.remember() ?? []
        remnants.append(process)
    }

    func lookAtRemnants() {
        for process in remnants where isGone(process) { treeEmptied(process) }
    }

    /// Whether the leader has left nothing that is waited for.
    func isGone(_ process: ManagedProcess) -> Bool {
        guard let tree = process.tree else { return true }
        process.end.awaited = process.end.awaited.filter { !$0.hasEnded }
        guard process.end.awaited.isEmpty else { return false }
        if tree.removeIfEmpty() { return true }
        // Else a process could put off another one's restart by putting one after the other into its tree.
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

    /// Does something a while later, unless nothing of the launch is left by then.
    private func afterwards(
        in delay: Duration, _ process: ManagedProcess, _ body: @escaping (Supervisor, ManagedProcess) -> Void
    ) {
        let launch = process.launch.number
        loop.after(delay) { [weak self, weak process] in
            guard let self, let process, process.launch.number == launch, isRemnant(process) else { return }
            body(self, process)
        }
    }

    /// Whether its leader has ended and its tree has not.
    func isRemnant(_ process: ManagedProcess) -> Bool { remnants.contains { $0 === process } }

    func treeEmptied(_ process: ManagedProcess) {
        release(process)
        perform(.treeEmptied, on: process)
    }

    private func abandonRemnants(of process: ManagedProcess) {
        if let tree = process.tree { strays.abandon(tree, of: process.id) }
        treeEmptied(process)
    }

    // MARK: Beside the trees

    /// The owner of a child of the keeper that was not launched.
    func owner(of orphan: Int32) -> Strays.Owner {
        let launch = launcher.launch(of: orphan)
        // It may be a launch that is under way, whose child has not said yet which one it is.
        if launch.map({ launcher.underWay.contains($0) }) ?? !launcher.underWay.isEmpty { return .unclear }
        if let launch {
            if isLive(launch) { return .launch(launch) }
            if launcher.hasLaunched(launch) { return .endedLaunch }
        }
        let owner = processes.first { $0.tree?.owns(orphan: orphan) == true }
        return owner.map { .launch($0.launch.number) } ?? .none
    }

    /// Whether a launch has a tree: that of a process, of a health check, or of a reserve.
    func isLive(_ launch: UInt64) -> Bool {
        table.launched(launch) != nil || checks[launch] != nil || pool.has(launch)
    }

    /// Ends what the launches, which have all ended, have left.
    func endStrays(then: @escaping () -> Void) { strays.endAll(grace: gracePeriod, then: then) }

    /// What lives though all is to have ended.
    var survivors: [String] {
        let processes = processes.filter(\.lifecycle.hasTree).map { process in
            "process \(process.id)" + (process.isUp ? process.launch.pid.map { " (pid \($0))" } ?? "" : "")
        }
        return processes.sorted() + strays.left.map(\.description)
    }
}
