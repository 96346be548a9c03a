import LinuxSystem
import Model

/// One run of a health check's command.
final class RunningCheck {
    /// Nil until the command has been started. Its handle is kept, so that signals can't reach a later process with the
    /// same pid.
    private var attempt: LaunchAttempt?
    private var output: CheckOutput?
    private var completion: ((String?) -> Void)?

    /// - Parameter completion: gets nil when the process is healthy, else the reason. Not called after ``cancel()``.
    init(completion: @escaping (String?) -> Void) { self.completion = completion }

    func began(_ attempt: LaunchAttempt, on loop: EventLoop) {
        self.attempt = attempt
        if let pipe = attempt.takeCheckPipe() { output = CheckOutput(pipe, loop: loop) }
        // It was cancelled during the start.
        if completion == nil { kill() }
    }

    /// The command could not be executed.
    func failed(_ failure: Failure) {
        let completion = completion
        self.completion = nil
        completion?(failure.detail)
    }

    func ended(_ status: ExitStatus) {
        attempt?.tree.mainEnded()
        // Its descendants are ended, too.
        attempt?.tree.kill()
        attempt?.tree.remove()
        let completion = completion
        self.completion = nil
        completion?(status == .exited(code: 0) ? nil : withLastWords("exit code \(status.exitCode)"))
    }

    /// The reason of a failure, followed by the last line of the command's output.
    func withLastWords(_ reason: String) -> String { output?.lastWords.map { "\(reason): \($0)" } ?? reason }

    func cancel() {
        completion = nil
        kill()
    }

    private func kill() {
        // Before SIGKILL: a killed process starts no others, so the tree is complete now.
        attempt?.tree.remember()
        attempt?.kill()
        attempt?.tree.kill()
    }
}
