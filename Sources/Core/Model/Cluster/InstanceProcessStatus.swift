/// How far a process is that a node or a VM is there for, as the agent that runs it says.
package struct InstanceProcessStatus: Equatable, Sendable {
    /// Nil where nothing is known of it.
    package var state: ProcessState?
    /// Of its last run, once that has ended.
    package var exitCode: Int?

    /// Whether it is known not to run, be it that it is started again.
    package var hasEnded: Bool { state == .exited || state == .failed || state == .backoff }

    package init(state: ProcessState? = nil, exitCode: Int? = nil) {
        self.state = state
        self.exitCode = exitCode
    }
}
