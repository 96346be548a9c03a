import var Glibc.SIGUSR2
import LinuxSystem
import Model
import ServiceSupport

/// `pm-agent --upgrade`: asks the running agent of a state directory to go over to the programs on the disk, and waits
/// until it has.
final class UpgradeRequest {
    /// The exit code if no agent runs.
    private static let noAgent: Int32 = 3
    private static let failed: Int32 = 111

    private let directory: String
    private let loop: EventLoop
    private var before: RunningAgent.Contents
    /// The number of signals that were sent.
    private var signals = 0
    private var code = failed

    private init(_ directory: String, _ running: RunningAgent.Contents) throws(SystemError) {
        self.directory = directory
        before = running
        loop = try EventLoop()
    }

    /// - Parameter directory: the agent's state directory.
    /// - Returns: the exit code. 0: the agent runs the programs on the disk. 3: no agent runs. 111: it goes on as it was,
    ///   at least in part.
    static func run(_ directory: String) -> Int32 {
        do throws(SystemError) {
            guard FileSystem.kind(of: "\(directory)/lock") != nil else { return none(directory) }
            guard let running = RunningAgent.read(in: directory), running.isKeeper else {
                if let lock = try Descriptor.lock("\(directory)/lock") {
                    lock.unlock()
                    return none(directory)
                }
                return Log.fail(failed, "the agent of \(directory) is too old to be upgraded while it runs: restart it")
            }
            guard running.knowsUpgrades else {
                return Log.fail(failed, "pm-keeper is too old to be upgraded while it runs: restart the agent")
            }
            let request = try UpgradeRequest(directory, running)
            request.signal()
            try request.loop.run()
            return request.code
        } catch {
            return Log.fail(failed, "\(error)")
        }
    }

    private static func none(_ directory: String) -> Int32 { Log.fail(noAgent, "no agent runs with \(directory)") }

    private func signal() {
        signals += 1
        let delivery = before.keeper.signal([SIGUSR2])
        guard delivery.isSent else {
            end(delivery.refusals.isEmpty ? "the agent has ended" : "no right to signal the agent")
            return
        }
        loop.after(.seconds(Limits.upgradeDeadline)) { [self] in
            end("the agent has not answered for \(Int(Limits.upgradeDeadline)) s: see its log")
        }
        look()
    }

    private func look() {
        if !decide() { loop.after(.seconds(Limits.upgradeRecheck)) { [self] in look() } }
    }

    /// - Returns: whether nothing more is to be looked for.
    private func decide() -> Bool {
        guard !before.keeper.hasEnded else { return end("the agent has ended: see its log") }
        guard let now = RunningAgent.read(in: directory), now != before else { return false }
        guard now.worker != before.worker else {
            // The same worker has said no.
            return end(now.refusal ?? "the agent goes on as it was")
        }
        if now.handOvers > before.handOvers {
            FileSystem.write("the agent (pid \(now.keeper.pid)) runs version \(now.version)\n", to: 1)
            return end(nil)
        }
        if let refusal = now.refusal { return end(refusal) }
        // The worker was replaced for another reason before it could take the signal.
        before = now
        guard signals < Limits.upgradeSignals else {
            return end("the agent's workers end again and again: see its log")
        }
        signal()
        return true
    }

    @discardableResult
    private func end(_ failure: String?) -> Bool {
        loop.stop()
        code = failure.map { Log.fail(Self.failed, "not upgraded: \($0)") } ?? 0
        return true
    }
}
