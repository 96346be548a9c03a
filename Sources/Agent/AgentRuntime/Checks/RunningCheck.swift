import Glibc
import LinuxSystem
import Model

/// A command that tests the health of a process, while it runs.
final class RunningCheck {
    /// What has been started, once it has: the handle is held for as long as the number could be another's.
    private var attempt: LaunchAttempt?
    private var output: CheckOutput?
    private var completion: ((String?) -> Void)?

    /// - Parameter completion: gets nil, or why it found the process unhealthy.
    init(completion: @escaping (String?) -> Void) { self.completion = completion }

    func began(_ attempt: LaunchAttempt, on loop: EventLoop) {
        self.attempt = attempt
        if let pipe = attempt.takeCheckPipe() { output = CheckOutput(pipe, loop: loop) }
        // Nobody waits for it any more.
        if completion == nil { kill() }
    }

    /// It could not even be executed.
    func failed(_ failure: Failure) {
        let completion = completion
        self.completion = nil
        completion?(failure.detail)
    }

    func ended(_ status: ExitStatus) {
        attempt?.tree.mainEnded()
        // What it started goes with it.
        attempt?.tree.kill()
        attempt?.tree.remove()
        let completion = completion
        self.completion = nil
        completion?(status == .exited(code: 0) ? nil : withLastWords("exit code \(status.exitCode)"))
    }

    /// Why it has failed, and what it said.
    func withLastWords(_ reason: String) -> String { output?.lastWords.map { "\(reason): \($0)" } ?? reason }

    /// Nobody waits for it any more.
    func cancel() {
        completion = nil
        kill()
    }

    private func kill() {
        // One that has got SIGKILL starts nothing any more: what it had started is all there is.
        attempt?.tree.remember()
        attempt?.kill()
        attempt?.tree.kill()
    }
}
