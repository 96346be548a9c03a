import Glibc

/// The children of this program's parent, the keeper: what was launched, and the orphans among what that has started.
package final class KeeperChildren {
    /// The first process of each launch, and which launch it is.
    private var mains: [Int32: UInt64] = [:]
    private let keeper: Int32
    /// The keeper's own, in which a launch can't be.
    private let session: Int32
    /// The kernel's list of them, kept open because it is read at each end; -1 where there is none.
    private let list: Descriptor
    /// Nil when a new look is due.
    private var seen: Set<Int32>?
    /// The holder of pipes, a child of the keeper's own.
    package var holder: Int32?

    package init() {
        keeper = getppid()
        session = getsid(keeper)
        // The keeper has one thread.
        list = (try? Descriptor.open("/proc/\(keeper)/task/\(keeper)/children", O_RDONLY)) ?? Descriptor(owning: -1)
    }

    package func launched(_ pid: Int32, _ launch: UInt64) { mains[pid] = launch }

    package func ended(_ pid: Int32, _ launch: UInt64) {
        if mains[pid] == launch { mains[pid] = nil }
    }

    /// Those that were not launched, as of the last look.
    package func orphans() -> Set<Int32> {
        if let seen { return seen }
        let own = getpid()
        let orphans = Set(children.lazy.filter { [mains, holder] in $0 != own && $0 != holder && mains[$0] == nil })
        seen = orphans
        return orphans
    }

    private var children: [Int32] {
        let number = list.number
        guard number >= 0 else { return Descent.children(of: keeper) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = pread(number, &chunk, chunk.count, off_t(text.count))
            guard count > 0 else { return Descent.numbers(text) }
            text += chunk[..<count]
        }
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
