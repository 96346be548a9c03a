import Glibc

/// The children of this program's parent, the keeper: what was launched, and the orphans among what that has started.
package final class KeeperChildren {
    /// The first process of each launch, and which launch it is.
    private var mains: [Int32: UInt64] = [:]
    private let keeper = getppid()
    /// The keeper's own, in which a launch can't be.
    private let session = getsid(getppid())
    /// Nil when a new look is due.
    private var seen: Set<Int32>?

    package init() {}

    package func launched(_ pid: Int32, _ launch: UInt64) { mains[pid] = launch }

    package func ended(_ pid: Int32, _ launch: UInt64) {
        if mains[pid] == launch { mains[pid] = nil }
    }

    /// Those that were not launched, as of the last look.
    package func orphans() -> Set<Int32> {
        if let seen { return seen }
        let own = getpid()
        let orphans = Set(Descent.children(of: keeper).lazy.filter { [mains] in $0 != own && mains[$0] == nil })
        seen = orphans
        return orphans
    }

    /// What happened until now counts from now on.
    package func lookAgain() { seen = nil }

    /// Whether a process is a child of the keeper, and descends from what was launched: the keeper has children of its own,
    /// and those of the shell that became it.
    package func isParent(of process: ProcessStatistics) -> Bool {
        process.parent == keeper && process.session != session
    }

    /// The launch whose first process is an ancestor of a process, or the process itself; nil for an orphan, and for what
    /// descends from one.
    package func launch(above pid: Int32) -> UInt64? {
        var pid = pid
        for _ in 0..<Descent.depth {
            if let launch = mains[pid] { return launch }
            guard pid > 1, pid != keeper, let found = ProcessStatistics.read(pid) else { return nil }
            if let launch = mains[found.session] { return launch }
            pid = found.parent
        }
        return nil
    }
}
