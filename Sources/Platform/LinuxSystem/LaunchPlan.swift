/// All that is needed to launch a program. A driver makes the plan from a spec.
package struct LaunchPlan: Equatable, Sendable {
    package var executable: String
    /// argv, the program's own name first.
    package var arguments: [String]
    /// `NAME=value`, complete: nothing is inherited.
    package var environment: [String]
    package var directory: String
    /// What ``executable`` and ``directory`` were when the policy was checked, if it was: another file is not executed.
    package var judgedProgram: FileStatus?
    package var judgedDirectory: FileIdentity?
    /// Whether the process and its descendants can't gain rights by executing a program (PR_SET_NO_NEW_PRIVS).
    package var forbidsNewPrivileges = false
    /// The content of its stdin; nil: as its spec says.
    package var input: [UInt8]?
    /// Descriptors that the process gets under other numbers; they are borrowed.
    package var descriptors: [DescriptorPlace] = []
    /// The account of the process; nil: this program's.
    package var account: Account?
    /// Permission bits that its files don't get (umask(2)); nil: as this program.
    package var umask: UInt32?
    /// -20 (most favoured) to 19; nil: as this program.
    package var nice: Int32?
    /// 0 to 1,000: the higher, the sooner the kernel ends the process when memory runs out (proc_pid_oom_score_adj(5)). It
    /// is at least one more than that of this program, which has to outlive its processes.
    package var oomScore: Int32 = 500
    /// Limits for each process (getrlimit(2)): number of descriptors, bytes of a core dump, bytes of data. Nil: as this
    /// program was started with.
    package var openFiles: UInt64?
    package var coreSize: UInt64?
    package var dataSize: UInt64?
    /// Limits for the whole tree, in bytes and processors, if its spec sets none. They are enforced as far as the host
    /// can.
    package var memory: UInt64?
    package var cpu: Double?

    package init(executable: String, arguments: [String], environment: [String], directory: String) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }
}

/// A descriptor, and its number in the process.
package struct DescriptorPlace: Equatable, Sendable {
    package let descriptor: Int32
    package let target: Int32

    package init(_ descriptor: Int32, at target: Int32) {
        self.descriptor = descriptor
        self.target = target
    }
}
