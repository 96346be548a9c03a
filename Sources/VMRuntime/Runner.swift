import Glibc
import JSONCodec
import LinuxSystem
import Model
import Wire

/// Runs one virtual machine: QEMU as a child, in a network of its own, and all that the guest has to the outside.
///
/// It is what the agent supervises; no agent's death concerns it.
final class Runner {
    private let job: MachineJob
    private let loop: EventLoop
    private var life = MachineLife()
    private var qemu: ProcessHandle?
    private var monitor: LineSocket?
    private var line: LineSocket?
    private var relay: Relay?
    private var console: Console?
    private var signals: SignalSource?
    private var deadline: TimerID?
    private var exitCode: Int32 = 0

    /// Where the guest finds the broker.
    private static let port: UInt16 = 1883

    init(_ job: MachineJob) throws(SystemError) {
        self.job = job
        loop = try EventLoop()
        signals = try SignalSource([SIGTERM, SIGINT], on: loop) { [unowned self] _ in handle(.stopWanted) }
    }

    /// - Returns: the exit code: 0 when the guest has ended in order.
    func run() throws(SystemError) -> Int32 {
        let qemu = try QemuProcess(
            QemuCommand(job: job, counterFrequency: Machine.counterFrequency), port: Self.port)
        console = try Console(qemu.console, on: loop) { [unowned self] in handle(.panicked) }
        line = try LineSocket(qemu.line, on: loop) { [unowned self] in hear($0) }
        relay = try Relay(qemu.listener, to: job.broker, on: loop) { [unowned self] in handle(.cutOff) }
        let process = qemu.handle
        try loop.watch(process.exitDescriptor, for: .read) { [unowned self] _ in ended() }
        self.qemu = consume process
        for action in MachineLife.beginning { carryOut(action) }
        try loop.run()
        return exitCode
    }

    private func hear(_ message: JSON) {
        switch message["guest"]?.string {
        case "waits": handle(.guestWaits)
        case "is up": handle(.guestIsUp)
        case "ends": handle(.guestEnds)
        default: break
        }
    }

    private func ended() {
        guard let status = qemu?.reap() else { return }
        if let number = qemu?.exitDescriptor { loop.unwatch(number) }
        console?.finish()
        if status.code != 0, status.signal != SIGKILL {
            Self.note("QEMU has ended with \(status.code.map { "exit code \($0)" } ?? "signal \(status.signal)")")
        }
        handle(.ended)
    }

    private func handle(_ event: MachineLife.Event) {
        for action in life.handle(event) { carryOut(action) }
    }

    private func carryOut(_ action: MachineLife.Action) {
        switch action {
        case .handOver: line?.send(identity)
        case .awaitDeadline(let seconds):
            deadline = loop.after(.seconds(seconds)) { [unowned self] in handle(.deadlinePassed) }
        case .cancelDeadline: loop.cancel(deadline)
        case .beginToExpect: relay?.beginToExpect()
        case .askToStop: line?.send(["stop": true])
        case .kill: qemu?.signal(SIGKILL)
        case .end(let fault):
            if let fault { Self.note(fault) }
            exitCode = fault == nil ? 0 : 1
            loop.stop()
        }
    }

    /// Who the guest is: this never leaves the machine, and is on no command line.
    private var identity: JSON {
        let entropy = (0..<32).map { _ in JSON.number(UInt8.random(in: 0 ... .max)) }
        return [
            "time": .number(WallClock.now), "entropy": .array(entropy),
            "config": job.guestConfiguration(broker: "10.0.2.2:\(Self.port)"),
        ]
    }

    static func note(_ text: String) { FileSystem.write("pm-vm: \(text)\n", to: 2) }
}
