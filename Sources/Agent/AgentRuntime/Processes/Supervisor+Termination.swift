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
        process.run?.terminate(by: process.spec.stop, isAgent: process.spec.invocation.isAgent)
    }

    func kill(_ process: ManagedProcess) {
        if process.launch.exitedAt != nil { noteLeftBehind(by: process) }
        guard let reason = process.run?.kill() else { return }
        if health.note(unending: process.id, reason) {
            events.note(
                AgentEvent(.unending, .error, "\(process.id) can't be ended: \(reason)", of: process.id))
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

    // MARK: Remnants

    /// Records the remnants that are about to be ended.
    func noteLeftBehind(by process: ManagedProcess) {
        guard let leftBehind = process.noteLeftBehind() else { return }
        let text = "\(process.id) has ended and left behind \(leftBehind); the agent ends what it has left"
        events.note(AgentEvent(.leftBehind, .warning, text, of: process.id))
    }

    func awaitRemnants(of process: ManagedProcess) {
        process.run?.awaitRemnants()
        table.leftRemnants(process)
    }

    func lookAtRemnants() {
        for process in table.remnants where isGone(process) { treeEmptied(process) }
    }

    /// Whether no remnant is left that is waited for. Kills what has appeared in the tree later.
    func isGone(_ process: ManagedProcess) -> Bool {
        switch process.run?.lookAtRemnants() ?? .gone {
        case .gone: return true
        case .alive: return false
        case .latecomers: break
        }
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
        if let tree = process.run?.tree { strays.abandon(tree, of: process.id) }
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
        let owner = processes.first { $0.run?.tree.owns(orphan: orphan) == true }
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
