import LinuxSystem
import Model
import Supervision
import Wire

/// One process of the agent: the machine that decides, and what it takes to carry the decisions out.
final class ManagedProcess {
    let id: Name
    let spec: ProcessSpec
    var machine = ProcessMachine()

    /// Kept until the whole group is gone.
    var handle: ProcessHandle?
    /// argv as it was launched, quoted.
    var command = ""
    /// Seconds since the epoch.
    var startedAt: Double?
    var exitedAt: Double?
    var exit: ExitStatus?
    var restarts = 0
    /// Why the last attempt to start it failed.
    var failure: Failure?

    var deadline: TimerID?
    /// Looks at the group since SIGKILL.
    var killChecks = 0
    /// Who waits for it to be gone, and who for it to be up again.
    var stopWaiters: [(Outcome) -> Void] = []
    var resetWaiters: [(Outcome) -> Void] = []

    init(id: Name, spec: ProcessSpec) {
        self.id = id
        self.spec = spec
    }

    /// Taken before they are answered: whoever hears an answer may ask again at once.
    func takeStopWaiters() -> [(Outcome) -> Void] {
        defer { stopWaiters = [] }
        return stopWaiters
    }

    func takeResetWaiters() -> [(Outcome) -> Void] {
        defer { resetWaiters = [] }
        return resetWaiters
    }

    var pid: Int32? { handle?.pid }

    /// - Parameter now: seconds since the epoch.
    func entry(now: Double) -> ProcessEntry {
        let isUp = machine.isLive && exit == nil
        return ProcessEntry(
            id: id, driver: spec.driver, state: machine.state, want: machine.want, command: command,
            pid: isUp ? pid : nil, startedAt: startedAt, exitedAt: exitedAt, exit: exit, restarts: restarts,
            uptime: isUp ? startedAt.map { max(0, now - $0).rounded(toPlaces: 3) } : nil, error: failure?.detail)
    }
}
