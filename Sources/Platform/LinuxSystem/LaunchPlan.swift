/// All that the kernel must know to start a program.
package struct LaunchPlan: Equatable, Sendable {
    package var executable: String
    /// argv, the program's own name first.
    package var arguments: [String]
    /// `NAME=value`, complete: nothing is inherited.
    package var environment: [String]
    package var directory: String
    /// What ``executable`` and ``directory`` must be at the start, if that was judged: then another one is not executed.
    package var judgedProgram: FileStatus?
    package var judgedDirectory: FileIdentity?
    /// Whether neither the process nor what it starts can gain rights by executing a program (PR_SET_NO_NEW_PRIVS).
    package var forbidsNewPrivileges = false
    /// What it can read from its stdin; nil is what its spec says.
    package var input: [UInt8]?
    /// Open descriptors that it finds under other numbers; they are borrowed.
    package var descriptors: [DescriptorPlace] = []
    /// As whom it runs; nil is as this program.
    package var account: Account?
    /// Permission bits that its files don't get; nil is this program's own.
    package var umask: UInt32?
    /// -20 (most favoured) to 19; nil is this program's own.
    package var nice: Int32?
    /// Descriptors each of its processes may have, and bytes of a core dump and of data; nil is what this program was
    /// given (getrlimit(2)).
    package var openFiles: UInt64?
    package var coreSize: UInt64?
    package var dataSize: UInt64?
    /// Bytes and processors that all of it may use where its spec does not say; they are bounded as far as they can be.
    package var memory: UInt64?
    package var cpu: Double?

    package init(executable: String, arguments: [String], environment: [String], directory: String) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }
}

/// A descriptor, and the number under which a process finds it.
package struct DescriptorPlace: Equatable, Sendable {
    package let descriptor: Int32
    package let target: Int32

    package init(_ descriptor: Int32, at target: Int32) {
        self.descriptor = descriptor
        self.target = target
    }
}
