import Glibc

/// The children of this program's parent, the keeper: main processes of launches, and orphans of their trees.
///
/// `ProcessTree` asks for the orphans, which become the keeper's children because the keeper is a subreaper. The list
/// is read from /proc and kept until ``lookAgain()``.
package final class KeeperChildren {
    /// The launch of each main process, by pid.
    private var mains: [Int32: UInt64] = [:]
    private let keeper: Int32
    /// The keeper's own session. No launch is in it.
    private let session: Int32
    /// The kernel's list of the keeper's children. It is kept open because it is read often; -1 if the kernel has no
    /// such list.
    private let list: Descriptor
    /// The orphans as last read; nil if they must be read again.
    private var seen: Set<Int32>?
    /// The pipe holder, a child of the keeper that is no orphan.
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

    /// The keeper's children that are not main processes, as of the last look.
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

    /// Makes the next ``orphans()`` read the list again.
    package func lookAgain() { seen = nil }

    /// Whether a process is a child of the keeper and descends from a launch. The keeper also has children of its own,
    /// and those of the shell that executed it.
    package func isParent(of process: ProcessStatistics) -> Bool {
        process.parent == keeper && process.session != session
    }

    /// The launch of a main process: the process itself or its ancestor. Nil for an orphan and its descendants.
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
