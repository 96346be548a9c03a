import var Glibc.SIGINT
import var Glibc.SIGKILL
import var Glibc.SIGTERM
import JSONCodec
import LinuxSystem
import Logs
import Model
import Wire

/// The runner: runs one VM, with QEMU as a child process in a network namespace of its own.
///
/// The agent supervises the runner like any other process; it also survives the agent. The runner passes events of the
/// guest (serial line), of QEMU (monitor, exit) and of the agent (SIGTERM) to ``VMLifecycle`` and carries out its
/// actions. It forwards the console and QEMU's stderr, relays the guest's connections to the broker, gives the guest
/// its identity, and keeps the guest's clock and its copies of files up to date.
///
/// How it begins depends on ``VMJob/Work``: `boot` boots an image; `clone` restores a template, and boots if that
/// fails; `park` restores a template, lets it warm up, and waits for a job (``awaitWakeUp()``), after which it acts
/// like a clone. ``TemplateMaker`` handles `prepare`.
///
/// Everything runs on one event loop; blocking work is done in background threads.
final class Runner {
    private var job: VMJob
    private let loop: EventLoop
    private var life: VMLifecycle
    private var qemu: ProcessHandle?
    private var monitor: Monitor?
    private var work: VMJob.Work
    private var line: LineSocket?
    /// Connection on which a prestarted VM receives its job.
    private var waker: LineSocket?
    private var relay: Relay?
    private var renewal: FileRenewal?
    private var rehearsal: WarmUp?
    private var console: ConsoleForwarder?
    private var errors: ConsoleForwarder?
    private var panic = Runner.panicMatcher
    private var lastWords = LastWords()
    /// Why QEMU ended unexpectedly.
    private var qemuEnd: String?
    private var signals: SignalSource?
    private var deadline: TimerID?
    private var exitCode: Int32 = 0

    /// The port on which the guest reaches the broker.
    private static let port: UInt16 = 1883

    init(_ job: VMJob) throws(SystemError) {
        self.job = job
        work = job.work
        life = VMLifecycle(patience: job.bootTimeout)
        loop = try EventLoop()
        signals = try SignalSource([SIGTERM, SIGINT], on: loop) { [unowned self] _ in handle(.stopWanted) }
    }

    /// - Returns: the exit code: 0 when the guest ended in an orderly way.
    func run() throws(SystemError) -> Int32 {
        if work == .park { try awaitWakeUp() }
        try begin()
        try loop.run()
        return exitCode
    }

    private func begin() throws(SystemError) {
        life = VMLifecycle(patience: job.bootTimeout)
        let isClone = work == .clone || work == .park
        let command = QemuCommand(
            job: job, counterFrequency: isClone ? nil : GuestSetup.counterFrequency, work: isClone ? .clone : work)
        let qemu = try QemuProcess(command, port: Self.port)
        console = try ConsoleForwarder(qemu.console, to: 1, on: loop) { [unowned self] in look(atConsole: $0) }
        errors = try ConsoleForwarder(qemu.errors, to: 2, on: loop) { [unowned self] in lastWords.add($0) }
        line = try LineSocket(qemu.line, on: loop) { [unowned self] in hear($0) }
        if work == .park {
            rehearsal = try WarmUp(qemu.listener, on: loop) { [unowned self] in line?.send(["rehearse": false]) }
        } else {
            try relay(from: qemu.listener)
        }
        monitor = try Monitor(qemu.monitor, on: loop) { [unowned self] in hear($0, $1) }
        let process = qemu.handle
        try loop.watch(process.exitDescriptor, for: .read) { [unowned self] _ in ended() }
        self.qemu = consume process
        for action in life.beginning { carryOut(action) }
        if isClone { monitor?.restore(from: QemuCommand.Inherited.state.rawValue) }
    }

    /// Handles an event of QEMU's monitor.
    private func hear(_ event: String, _ data: JSON?) {
        guard event == "MIGRATION" else { return }
        switch (work, data?["status"]?.string) {
        case (.clone, "completed"): goOn()
        case (.park, "completed"):
            monitor?.execute("cont")
            line?.send(["rehearse": true])
        case (.clone, "failed"), (.park, "failed"): qemu?.signal(SIGKILL)
        default: break
        }
    }

    private static let panicMatcher = LineMatcher("Kernel panic - not syncing")

    private func look(atConsole bytes: [UInt8]) {
        guard panic.finds(in: bytes[...]) else { return }
        panic = Self.panicMatcher
        handle(.panicked)
    }

    /// The clone is in the state in which its template was saved: it waits for its identity.
    private func goOn() {
        monitor?.execute("cont")
        handle(.guestWaits)
    }

    private func relay(from listener: consuming Descriptor) throws(SystemError) {
        relay = try Relay(
            listener, to: job.broker, patience: job.silenceTimeout, on: loop,
            reconnected: { [unowned self] in renewFiles() }, cutOff: { [unowned self] in handle(.cutOff) })
    }

    /// The guest may have lost its connection because its password or certificate has been replaced on the host.
    private func renewFiles() {
        renewal = try? FileRenewal(job.guest, on: loop) { [unowned self] news in
            renewal = nil
            guard !news.isEmpty else { return }
            job.guest.files.merge(news) { $1 }
            line?.send(["files": GuestBroker.filesJSON(news)])
        }
    }

    /// Pauses a prestarted VM after its warm-up, once the guest is idle.
    private func park() {
        loop.after(.seconds(Limits.vmSettling)) { [unowned self] in
            monitor?.execute("stop")
            carryOut(.cancelDeadline)
            waker?.send(["parked": true])
        }
    }

    /// Waits for the job of a prestarted VM. If the agent closes the connection first, the VM ends.
    private func awaitWakeUp() throws(SystemError) {
        let line = Descriptor(owning: VMJob.lineDescriptor)
        waker = try LineSocket(line, on: loop, ended: { [unowned self] in if work == .park { handle(.stopWanted) } }) {
            [unowned self] in
            guard work == .park, let job = try? VMJob($0) else { return }
            wakeUp(job)
        }
    }

    private func wakeUp(_ job: VMJob) {
        self.job = job
        work = .clone
        life = VMLifecycle(patience: job.bootTimeout)
        for action in life.beginning { carryOut(action) }
        do throws(SystemError) {
            if let listener = rehearsal?.takeListener() { try relay(from: listener) }
            rehearsal = nil
        } catch {
            Self.note("\(error)")
            return handle(.ended)
        }
        goOn()
    }

    private func hear(_ message: JSON) {
        switch message["guest"]?.string {
        case "waits": if work == .park { park() } else { handle(.guestWaits) }
        case "is up": handle(.guestIsUp)
        case "ends": handle(.guestEnds)
        default: break
        }
    }

    private func ended() {
        guard let status = qemu?.reap() else { return }
        if let number = qemu?.exitDescriptor { loop.unwatch(number) }
        console?.finish()
        errors?.finish()
        if status.code != 0 {
            let end = status.code.map { "exit code \($0)" } ?? "signal \(status.signal)"
            qemuEnd = "QEMU ended with \(end)" + (lastWords.text.map { ": \($0)" } ?? "")
        }
        if work == .clone, life.isYoung { return bootInstead() }
        handle(.ended)
    }

    /// Boots the image after all when a clone did not come up.
    private func bootInstead() {
        Self.note("the template can't be used: booting instead" + (qemuEnd.map { " (\($0))" } ?? ""))
        work = .boot
        (lastWords, qemuEnd) = (LastWords(), nil)
        loop.cancel(deadline)
        do throws(SystemError) { try begin() } catch {
            Self.note("\(error)")
            handle(.ended)
        }
    }

    private func handle(_ event: VMLifecycle.Event) {
        for action in life.handle(event) { carryOut(action) }
    }

    private func carryOut(_ action: VMLifecycle.Action) {
        switch action {
        case .handOver: line?.send(identity)
        case .awaitDeadline(let seconds):
            deadline = loop.after(.seconds(seconds)) { [unowned self] in handle(.deadlinePassed) }
        case .cancelDeadline: loop.cancel(deadline)
        case .beginToExpect:
            relay?.beginToExpect()
            keepClock()
        case .askToStop: line?.send(["stop": true])
        case .kill: qemu?.signal(SIGKILL)
        case .end(let fault):
            // For any other fault, the runner itself ended QEMU.
            if let fault {
                Self.note(fault == VMLifecycle.endedByItself ? fault + (qemuEnd.map { ": \($0)" } ?? "") : fault)
            }
            exitCode = fault == nil ? 0 : 1
            loop.stop()
        }
    }

    /// Sets the guest's clock regularly: it is less accurate than the host's, and a start can delay it.
    private func keepClock() {
        line?.send(["time": .number(WallClock.now)])
        loop.after(.seconds(Limits.systemClock)) { [unowned self] in keepClock() }
    }

    /// The identity of the guest. It contains secrets, so it goes only through the guest's serial line.
    private var identity: JSON {
        let entropy = (0..<32).map { _ in JSON.number(UInt8.random(in: 0 ... .max)) }
        return [
            "time": .number(WallClock.now), "entropy": .array(entropy),
            "config": job.guestConfiguration(broker: "10.0.2.2:\(Self.port)"), "files": job.guest.filesJSON,
        ]
    }

    static func note(_ text: String) { FileSystem.write("pm-vm: \(text)\n", to: 2) }
}
