import var Glibc.SIGKILL
import JSONCodec
import LinuxSystem
import Model

/// Makes a template: boots a guest until it waits for its identity, lets it warm up, and saves its memory and its
/// state.
///
/// The agent also uses it to find out whether VMs can run on this host.
final class TemplateMaker {
    private let job: VMJob
    private let loop: EventLoop
    private var qemu: ProcessHandle?
    private var line: LineSocket?
    private var monitor: Monitor?
    private var listener: Descriptor?
    private var rehearsal: WarmUp?
    private var errors: ConsoleForwarder?
    private var lastWords = LastWords()
    private var isDone = false
    /// Whether the runner ended QEMU because of a failure.
    private var isGivenUp = false

    init(_ job: VMJob) throws(SystemError) {
        self.job = job
        loop = try EventLoop()
    }

    /// - Returns: the exit code: 0 when there is a template.
    func run() throws(SystemError) -> Int32 {
        let command = QemuCommand(job: job, counterFrequency: GuestSetup.counterFrequency, work: .prepare)
        let qemu = try QemuProcess(command, port: 1883)
        let inner = qemu.listener
        listener = consume inner
        errors = try ConsoleForwarder(qemu.errors, to: 2, on: loop) { [unowned self] in lastWords.add($0) }
        let process = qemu.handle
        line = try LineSocket(qemu.line, on: loop) { [unowned self] in
            if $0["guest"]?.string == "waits" { rehearsal == nil ? warmUp() : save() }
        }
        monitor = try Monitor(qemu.monitor, on: loop) { [unowned self] event, data in
            guard event == "MIGRATION", let status = data?["status"]?.string else { return }
            isDone = status == "completed"
            if isDone || status == "failed" { monitor?.execute("quit") }
        }
        try loop.watch(process.exitDescriptor, for: .read) { [unowned self] _ in loop.stop() }
        self.qemu = consume process
        let patience = job.bootTimeout
        loop.after(.seconds(patience)) { [unowned self] in
            Runner.note("no guest came up with \(job.accelerator.rawValue) within \(Int(patience)) s")
            giveUp()
        }
        try loop.run()
        errors?.finish()
        if !isDone, !isGivenUp { Runner.note("QEMU ended: \(lastWords.text ?? "no error message")") }
        return isDone ? 0 : 1
    }

    private func giveUp() {
        isGivenUp = true
        qemu?.signal(SIGKILL)
    }

    private func warmUp() {
        guard let listener = listener.take() else { return }
        do throws(SystemError) {
            rehearsal = try WarmUp(listener, on: loop) { [unowned self] in line?.send(["rehearse": false]) }
            line?.send(["rehearse": true])
        } catch {
            fail(error)
        }
    }

    /// The template is saved after a delay: work that is left for the guest now would be left for each clone.
    private func save() {
        loop.after(.seconds(Limits.vmSettling)) { [unowned self] in
            do throws(SystemError) { try monitor?.save(to: VMJob.stateDescriptor) } catch { fail(error) }
        }
    }

    private func fail(_ error: SystemError) {
        Runner.note("\(error)")
        giveUp()
    }
}
