/// Resource limits of a process and its tree (`limits` of a config); nil means the agent's own limit.
package struct ResourceLimits: Hashable, Sendable {
    /// Descriptors per process (RLIMIT_NOFILE).
    package var openFiles: UInt64?
    /// Bytes of a core dump (RLIMIT_CORE).
    package var core: UInt64?
    /// Bytes: with a cgroup, of the whole tree; otherwise, of each process's data segment (RLIMIT_DATA).
    package var memory: UInt64?
    /// Number of processors, such as 0.5; needs a cgroup.
    package var cpu: Double?
    /// Number of processes and threads of the tree; needs a cgroup.
    package var pids: UInt64?

    package init() {}
}
