import CLinux

/// How a process comes into the world, beside what it is. Descriptors are borrowed: they must stay open meanwhile.
package struct SpawnOptions {
    /// Tells this start of a process from every other on the machine; below 2^62. Without a cgroup it marks all that
    /// the process starts.
    package var launch: UInt64?
    /// Whether it becomes a child of this program's parent, which then hears of its end.
    package var parentReaps = false
    /// The socket on which it says `PM_BORN` before it does anything else.
    package var announcement: Int32?
    /// The read ends of what it writes to stdout and stderr; they go with the announcement.
    package var logEnds: (output: Int32, error: Int32)?
    /// The control group it is born into.
    package var cgroup: Cgroup?
    /// Descriptors beside 0, 1 and 2 and the numbers, 3 or higher and each once, under which it finds them.
    package var extras: [(descriptor: Int32, target: Int32)] = []
    /// What it has instead of the machine's network.
    package var network: InnerNetwork?
    /// Whether it is killed when this program ends.
    package var diesWithParent = false

    package init() {}

    /// So many `extras` there can be.
    package static let maximumExtras = Int(PM_EXTRA_DESCRIPTORS)
}
