import Glibc
import LinuxSystem
import Model

/// A command that tests the health of a process, while it runs.
final class RunningCheck {
    private let tree: ProcessTree
    /// Held for as long as the number could be another's.
    private let handle: ProcessHandle
    private let output: CheckOutput
    private var completion: ((String?) -> Void)?

    /// - Parameter completion: gets nil, or why it found the process unhealthy.
    init(
        handle: consuming ProcessHandle, tree: ProcessTree, output: CheckOutput, completion: @escaping (String?) -> Void
    ) {
        tree.begin(with: handle)
        self.handle = handle
        self.output = output
        self.tree = tree
        self.completion = completion
    }

    func ended(_ status: ExitStatus) {
        tree.mainEnded()
        // What it started goes with it.
        tree.kill()
        tree.remove()
        let completion = completion
        self.completion = nil
        completion?(status == .exited(code: 0) ? nil : withLastWords("exit code \(status.exitCode)"))
    }

    /// Why it has failed, and what it said.
    func withLastWords(_ reason: String) -> String { output.lastWords.map { "\(reason): \($0)" } ?? reason }

    /// Nobody waits for it any more.
    func cancel() {
        completion = nil
        // One that has got SIGKILL starts nothing any more: what it had started is all there is.
        tree.remember()
        handle.signal(SIGKILL)
        tree.kill()
    }
}
