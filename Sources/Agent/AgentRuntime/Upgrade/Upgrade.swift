import LinuxSystem
import Model
import ServiceSupport

/// The worker's part of an upgrade: it ends, so that keeper and worker are executed anew from the disk.
///
/// ``begin(_:)`` first tries both programs, so that the agent goes on as it is if one of them does not work. Then
/// `Upgradable` takes no requests any more, and the worker ends with ``KeeperLink/upgrades`` when those under way are
/// answered and all files are written, or after ``Limits/upgradePatience`` seconds. What is not done by then is
/// continued by the next worker, as after the death of a worker. See docs/decisions/0026-upgrade.md.
final class Upgrade {
    private enum Step { case none, trying, finishing, closing, cancelled }

    private let ground: AgentFoundation
    private let trial: ProgramTrial?
    private let record: RunningAgent
    private var step = Step.none
    /// Whether the requests that the broker had for this worker have arrived.
    private var hasAllRequests = false

    /// - Parameter trial: nil in a guest, which has the programs of its image.
    init(_ ground: AgentFoundation, _ trial: ProgramTrial?) {
        self.ground = ground
        self.trial = trial
        record = RunningAgent(ground.state, keeper: ground.link.keeper)
        if trial != nil { record.store() }
    }

    /// Whether the agent takes no requests any more, because this worker is about to end.
    var isFinishing: Bool { step == .finishing || step == .closing }

    /// The exit code of the worker, once its loop has ended.
    var exitCode: Int32 { isFinishing ? KeeperLink.upgrades : 0 }

    /// Begins an upgrade, unless one is under way.
    func begin(_ agent: some Upgradable) {
        guard step == .none else { return }
        guard let trial else { return refuse("a VM is upgraded with its image") }
        guard ground.link.keeper.knowsUpgrades else {
            return refuse("pm-keeper is too old to be upgraded while it runs: restart the agent")
        }
        step = .trying
        do throws(SystemError) {
            try BackgroundWork.start(on: ground.loop, trial.run) { [weak self, unowned agent] in
                self?.tried(trial.refusal, agent)
            }
        } catch {
            refuse("\(error)")
        }
    }

    private func tried(_ refusal: String?, _ agent: some Upgradable) {
        guard step == .trying else { return }
        if let refusal { return refuse(refusal) }
        ground.link.trySuccessor { [weak self, unowned agent] trial in
            guard let self, step == .trying else { return }
            if let refusal = trial.refusal { return refuse(refusal) }
            finish(agent)
        }
    }

    private func refuse(_ reason: String) {
        step = .none
        Log.note("no upgrade: \(reason); the agent goes on as it was", .warning)
        record.refused(reason)
    }

    private func finish(_ agent: some Upgradable) {
        Log.note("going over to the programs on the disk")
        step = .finishing
        ground.stateStore.rewrite()
        hasAllRequests = !agent.takeNoMoreRequests()
        ground.loop.after(.seconds(Limits.upgradePatience)) { [weak self, unowned agent] in self?.close(agent) }
        ground.loop.whenIdle { [weak self, unowned agent] in
            guard let self, hasAllRequests, agent.isIdle, ground.isIdle else { return }
            close(agent)
        }
    }

    private func close(_ agent: some Upgradable) {
        guard step == .finishing else { return }
        step = .closing
        agent.close()
    }

    /// To be called when the own `offline` comes back from the broker, after all requests that it had.
    func heardOffline() { hasAllRequests = true }

    /// The agent ends, so there is nothing to upgrade.
    func cancel() {
        step = .cancelled
        record.remove()
    }
}

/// What an upgrade ends: the agent's connection to its requesters.
protocol Upgradable: AnyObject {
    /// Tells the broker that the agent is offline, and takes no requests after those that the broker already has.
    ///
    /// - Returns: false if there is no connection. Else ``Upgrade/heardOffline()`` follows.
    func takeNoMoreRequests() -> Bool
    /// Whether all requests are answered.
    var isIdle: Bool { get }
    /// Sends the last answers and stops the loop.
    func close()
}
