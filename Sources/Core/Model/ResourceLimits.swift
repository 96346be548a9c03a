/// What a process and all it starts may use (`limits` of a config); nil is unlimited, or what the agent was given.
package struct ResourceLimits: Hashable, Sendable {
    /// Descriptors of each process (RLIMIT_NOFILE).
    package var openFiles: UInt64?
    /// Bytes of a core dump (RLIMIT_CORE).
    package var core: UInt64?
    /// Bytes: of all processes together with a cgroup, of each one's data without (RLIMIT_DATA).
    package var memory: UInt64?
    /// Processors, 0.5 is half of one; needs a cgroup.
    package var cpu: Double?
    /// Processes and threads in all; needs a cgroup.
    package var pids: UInt64?

    package init() {}
}
