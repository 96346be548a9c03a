/// The account, file mode mask and priorities of a process (`user`, `group`, `umask`, `nice` and `oom_score_adj` of a
/// config).
package struct Identity: Hashable, Sendable {
    /// A name or a number; nil means the agent's own user.
    package var user: String?
    /// A name or a number; nil means the user's primary group.
    package var group: String?
    /// Permission bits that are cleared in new files; nil means the agent's own mask.
    package var umask: UInt32?
    /// -20 (highest priority) to 19; nil means the agent's own value.
    package var nice: Int32?
    /// 0 to 1,000 (the kernel ends it first when memory runs out); nil means 500.
    package var oomScore: Int32?

    package init() {}
}
