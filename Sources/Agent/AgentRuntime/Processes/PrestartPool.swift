import Drivers
import LinuxSystem
import Model

/// Keeps processes in reserve for the drivers that want that, each given to one launch and never to a second.
///
/// They are launches like all others, but no process has them: the keeper holds them, and the next worker, who knows of none
/// of them, ends them.
final class PrestartPool {
    private let loop: EventLoop
    private let launcher: Launcher
    private let link: KeeperLink
    private var members: [PrestartedProcess] = []
    /// They have been killed, and are not gone.
    private var dismissed: [PrestartedProcess] = []
    private var isClosed = false
    private var refilling: TimerID?
    private var whenEmpty: (() -> Void)?
    /// Told when there are more or less of them.
    var changed: () -> Void = {}

    init(loop: EventLoop, launcher: Launcher, link: KeeperLink) {
        self.loop = loop
        self.launcher = launcher
        self.link = link
    }

    /// Those that are ready; nil where there are to be none.
    func count(of driver: any Driver) -> Int? {
        driver.prestart.map { prestart in members.count { $0.isReady && $0.edition == prestart.edition } }
    }

    func has(_ launch: UInt64) -> Bool { (members + dismissed).contains { $0.launch == launch } }

    /// One that has been woken as the process, which may be the last that was wanted for a while: only then the pool is
    /// filled up.
    func take(for process: ManagedProcess) -> PrestartedProcess? {
        guard !isClosed, launcher.drivers[process.spec.driver]?.mayPrestart == true else { return nil }
        refill(in: Limits.poolPause)
        guard members.contains(where: { $0.isReady && $0.driver == process.spec.driver }),
            let call = launcher.assignment(for: process)
        else { return nil }
        while let index = members.firstIndex(where: {
            $0.isReady && $0.driver == process.spec.driver && $0.edition == call.edition
        }) {
            let member = members.remove(at: index)
            loop.unwatch(member.number)
            loop.after(.zero) { [weak self] in self?.changed() }
            if member.wake(call) { return member }
            dismiss(member)
        }
        return nil
    }

    // MARK: Filling up

    /// Looks for what is wanted, after a while.
    func refill(in seconds: Double = 0) {
        guard !isClosed else { return }
        loop.cancel(refilling)
        refilling = loop.after(.seconds(seconds)) { [weak self] in self?.fill() }
    }

    private func fill() {
        for driver in launcher.drivers.values { fill(for: driver) }
        changed()
    }

    /// One at a time: there is no hurry, and others may want the processors.
    private func fill(for driver: any Driver) {
        let prestart = driver.prestart
        for member in members where member.driver == driver.name && member.edition != prestart?.edition {
            members.removeAll { $0 === member }
            loop.unwatch(member.number)
            dismiss(member)
        }
        let present = members.filter { $0.driver == driver.name }
        guard let prestart, present.count < prestart.count, present.allSatisfy(\.isReady) else { return }
        do {
            let member = try launcher.begin(prestart, of: driver)
            members.append(member)
            try loop.watch(member.number, for: .read) { [weak self, weak member] _ in
                if let self, let member { hear(member) }
            }
        } catch {
            Log.note("can't keep a process of \(driver.name) ready: \(error)")
            refill(in: Limits.poolRetry)
        }
    }

    private func hear(_ member: PrestartedProcess) {
        guard !member.hear() else { return refill(in: Limits.poolPause) }
        loop.unwatch(member.number)
        members.removeAll { $0 === member }
        dismiss(member)
        refill(in: Limits.poolRetry)
    }

    func hold(by holder: PipeHolderClient) { for member in members { member.hold(by: holder) } }

    // MARK: Ends

    private func dismiss(_ member: PrestartedProcess) {
        member.kill()
        dismissed.append(member)
        changed()
    }

    /// - Returns: whether the launch was one of these.
    func ended(_ launch: UInt64) -> Bool {
        if let index = members.firstIndex(where: { $0.launch == launch }) {
            let member = members.remove(at: index)
            loop.unwatch(member.number)
            dismiss(member)
            refill(in: Limits.poolRetry)
        }
        guard let member = dismissed.first(where: { $0.launch == launch }) else { return false }
        member.ended()
        settle()
        return true
    }

    private func settle() {
        for member in dismissed where member.hasEnded && member.tree.removeIfEmpty() {
            link.release(member.launch)
            dismissed.removeAll { $0 === member }
        }
        if dismissed.isEmpty { return finish() }
        guard dismissed.contains(where: \.hasEnded) else { return }
        loop.after(.seconds(Limits.orphanRecheck)) { [weak self] in self?.settle() }
    }

    /// Ends all of them, and keeps none from now on.
    func close() {
        isClosed = true
        loop.cancel(refilling)
        for member in members {
            loop.unwatch(member.number)
            dismiss(member)
        }
        members = []
    }

    /// Calls `then` when all that have been dismissed are gone.
    func awaitEmpty(then: @escaping () -> Void) {
        guard !dismissed.isEmpty else { return then() }
        whenEmpty = then
        // Who can't be killed need not be waited for.
        loop.after(.seconds(Limits.killPatience)) { [weak self] in self?.finish() }
    }

    private func finish() {
        guard let then = whenEmpty else { return }
        whenEmpty = nil
        then()
    }
}
