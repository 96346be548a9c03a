/// Status of the process of a node or a VM, as reported by the agent that runs it.
package struct InstanceProcessStatus: Equatable, Sendable {
    /// Nil when unknown.
    package var state: ProcessState?
    /// Exit code of the last run, once it has ended.
    package var exitCode: Int?

    /// Whether the process is known not to run now, even if it will be restarted.
    package var hasEnded: Bool { state == .exited || state == .failed || state == .backoff }

    package init(state: ProcessState? = nil, exitCode: Int? = nil) {
        self.state = state
        self.exitCode = exitCode
    }
}
