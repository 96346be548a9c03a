import Drivers
import LinuxSystem
import Model
import ServiceSupport

/// Keeps prestarted processes for the drivers that use them. Each is given to one ``ManagedProcess``, never to a
/// second.
///
/// Prestarted processes are launches like all others, but belong to no process, and the journal does not have them. If
/// the worker dies, the next one learns of them from the keeper only, and kills them.
///
/// A member is in `members` until it is taken or dismissed. A dismissed one has been killed, and stays in `dismissed`
/// until its tree is gone. The supervisor takes members for starts, and reports their ends; the pool refills itself by
/// timers, one process at a time.
final class PrestartPool {
    private let loop: EventLoop
    private let launcher: Launcher
    private let link: KeeperLink
    private var members: [PrestartedProcess] = []
    /// Killed, but not gone yet.
    private var dismissed: [PrestartedProcess] = []
    private var isClosed = false
    private var refilling: TimerID?
    private var whenEmpty: (() -> Void)?
    /// Called when the number of members has changed.
    var changed: () -> Void = {}

    init(loop: EventLoop, launcher: Launcher, link: KeeperLink) {
        self.loop = loop
        self.launcher = launcher
        self.link = link
    }

    /// The number of members that are ready; nil when the driver wants none.
    func count(of driver: any Driver) -> Int? {
        let prestart = (driver as? any PrestartingDriver)?.prestart
        return prestart.map { prestart in members.count { $0.isReady && $0.edition == prestart.edition } }
    }

    func has(_ launch: UInt64) -> Bool { (members + dismissed).contains { $0.launch == launch } }

    /// Assigns a member to `process` and returns it; nil when none is suitable.
    ///
    /// More starts may follow, so the pool is refilled only after a pause without any.
    func take(for process: ManagedProcess) -> PrestartedProcess? {
        let driver = launcher.drivers[process.spec.driver] as? any PrestartingDriver
        guard !isClosed, driver?.mayPrestart == true else { return nil }
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

    /// Brings the pool to the size that the drivers want, after `seconds`; replaces an earlier call that is pending.
    func refill(in seconds: Double = 0) {
        guard !isClosed else { return }
        loop.cancel(refilling)
        refilling = loop.after(.seconds(seconds)) { [weak self] in self?.fill() }
    }

    private func fill() {
        for case let driver as any PrestartingDriver in launcher.drivers.values { fill(for: driver) }
        changed()
    }

    /// Starts at most one process. The next one is started when it is ready, so as to leave the processors to others.
    private func fill(for driver: any PrestartingDriver) {
        driver.lookAgain()
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
            Log.note("can't prestart a process of driver \(driver.name): \(error)", .warning)
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

    /// Handles the end of a main process.
    ///
    /// - Returns: whether the launch belongs to the pool.
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

    /// Kills all members, and starts none any more.
    func close() {
        isClosed = true
        loop.cancel(refilling)
        for member in members {
            loop.unwatch(member.number)
            dismiss(member)
        }
        members = []
    }

    /// Calls `then` when all dismissed members are gone, or after ``Limits/killPatience``.
    func awaitEmpty(then: @escaping () -> Void) {
        guard !dismissed.isEmpty else { return then() }
        whenEmpty = then
        // A process that can't be killed must not hold up the agent's end.
        loop.after(.seconds(Limits.killPatience)) { [weak self] in self?.finish() }
    }

    private func finish() {
        guard let then = whenEmpty else { return }
        whenEmpty = nil
        then()
    }
}
