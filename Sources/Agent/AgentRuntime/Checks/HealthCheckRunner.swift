import LinuxSystem
import Model

/// The health checks of the running processes, and the commands that they run.
///
/// `Supervisor` begins the checks of a process when it runs, and drops them when it does not any more. Each command is a
/// launch of its own; the supervisor passes on the ends of launches that the keeper reports.
final class HealthCheckRunner {
    private let loop: EventLoop
    private let launcher: Launcher
    private let link: KeeperLink
    private var checks: [Name: HealthChecks] = [:]
    /// Commands that run, by launch.
    private var commands: [UInt64: RunningCheck] = [:]

    init(loop: EventLoop, launcher: Launcher, link: KeeperLink) {
        self.loop = loop
        self.launcher = launcher
        self.link = link
    }

    /// Nil for a process that is not checked now.
    subscript(id: Name) -> HealthChecks? { checks[id] }

    /// Begins to check a process that runs.
    ///
    /// - Parameter changed: called when it has become healthy or unhealthy.
    func begin(_ process: ManagedProcess, _ rules: HealthCheck, changed: @escaping () -> Void) {
        checks[process.id] = HealthChecks(
            rules, loop: loop,
            run: { [weak self, weak process] words, completion in
                guard let self, let process else { return nil }
                return run(words, of: process, completion)
            },
            changed: changed)
    }

    func end(_ id: Name) { checks[id] = nil }

    private func run(
        _ words: [String], of process: ManagedProcess, _ completion: @escaping (String?) -> Void
    ) -> RunningCheck {
        let number = launcher.nextNumber()
        let command = RunningCheck(completion: completion)
        launcher.launch(check: words, of: process, number: number) { [self] result in
            switch result {
            case .success(let attempt):
                commands[number] = command
                command.began(attempt, on: loop)
            case .failure(let failure):
                if failure.code != .timeout { link.release(number) }
                command.failed(failure)
            }
        }
        return command
    }

    /// Whether a launch is a command that runs.
    func has(_ launch: UInt64) -> Bool { commands[launch] != nil }

    /// Handles the end of a main process.
    ///
    /// - Returns: whether the launch is a command of a check.
    func ended(_ launch: UInt64, _ status: ExitStatus) -> Bool {
        guard let command = commands.removeValue(forKey: launch) else { return false }
        command.ended(status)
        link.release(launch)
        return true
    }
}
