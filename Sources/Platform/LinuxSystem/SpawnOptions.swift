import CLinux

/// How to launch a process, apart from what its plan says. Descriptors are borrowed and must stay open during the
/// launch.
package struct SpawnOptions {
    /// The launch number: unique on the host and below 2^62. It marks the process and its descendants.
    package var launch: UInt64?
    /// Whether the process becomes a child of this program's parent, which then learns of its end.
    package var parentReaps = false
    /// The socket on which the process sends `PM_BORN` before anything else.
    package var announcement: Int32?
    /// The read ends of the pipes for stdout and stderr, which are sent with `PM_BORN`.
    package var logEnds: (output: Int32, error: Int32)?
    /// The cgroup that the process is cloned into.
    package var cgroup: Cgroup?
    /// Descriptors beside 0, 1 and 2, and their numbers in the process: 3 or higher, each once.
    package var extras: [(descriptor: Int32, target: Int32)] = []
    /// The process's own network; nil: the host's.
    package var network: InnerNetwork?
    /// Whether the process is killed when this program ends.
    package var diesWithParent = false

    package init() {}

    /// Maximum number of ``extras``.
    package static let maximumExtras = Int(PM_EXTRA_DESCRIPTORS)
}
