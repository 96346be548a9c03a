import CLinux
import Glibc

/// The main process of one launch and all its descendants, wherever they moved. The agent has one per launch: it looks
/// for members, signals them, kills them, and removes the cgroup when the tree is empty.
///
/// A process is a member if it
/// - is in the launch's cgroup,
/// - carries the launch's mark,
/// - descends from a member by a chain of living parents, or once did and was seen to (``remember()``),
/// - is an orphan of the main process's session, or
/// - is an orphan without a mark that writes to the launch's pipes.
///
/// The main process is always a member while it lives.
package final class ProcessTree {
    package let mark: Mark
    package let cgroup: Cgroup?
    private let keeper: KeeperChildren?
    /// The pid of the main process until it has ended, its start time if known, and its session.
    private(set) var main: Int32?
    private var startTime: UInt64?
    private var session: Int32?
    /// Members that only their descent identifies.
    private var remembered: Set<ProcessIdentity> = []
    /// Inodes of the pipes for stdout and stderr.
    private var pipes: (output: UInt, error: UInt)?
    /// Whether the main process is not a child of the keeper, in which case its orphans may not be, either.
    package var isAdopted = false

    /// - Parameters:
    ///   - cgroup: the launch's cgroup, if it has one.
    ///   - keeper: nil if orphans don't become children of this program's parent.
    package init(launch: UInt64, cgroup: Cgroup?, keeper: KeeperChildren? = nil) {
        mark = Mark(launch: launch)
        self.cgroup = cgroup
        self.keeper = keeper
    }

    /// Sets the main process, which lives. From now on the caller signals it by its handle; this tree does not.
    package func begin(with main: borrowing ProcessHandle) {
        (self.main, startTime, session) = (main.pid, main.startTime, main.pid)
        keeper?.launched(main.pid, mark.launch)
    }

    /// Sets the read ends of the pipes for stdout and stderr, by which orphans without a mark are recognised.
    package func writes(to output: borrowing Descriptor, _ error: borrowing Descriptor) {
        var (first, second) = (stat(), stat())
        if fstat(output.number, &first) == 0, fstat(error.number, &second) == 0 {
            pipes = (first.st_ino, second.st_ino)
        }
    }

    /// The main process has ended and was reaped, so its pid may be reused.
    package func mainEnded() {
        if let main { keeper?.ended(main, mark.launch) }
        main = nil
    }

    private var livingMain: Int32? {
        guard let main, let process = ProcessStatistics.read(main), !process.hasEnded,
            startTime == nil || startTime == process.startTime
        else { return nil }
        return main
    }

    // MARK: Members

    /// The members' process ids, without zombies.
    package func members() -> Set<Int32> {
        keeper?.lookAgain()
        return presentMembers()
    }

    package var isEmpty: Bool { members().isEmpty }

    private func presentMembers() -> Set<Int32> {
        var found = (cgroup?.members() ?? []).union(outsiders())
        if let main = livingMain { found.insert(main) }
        // A process that has no number in this program's pid namespace.
        found.remove(0)
        return found.union(Descent.descendants(of: found).filter { !ProcessStatistics.hasEnded($0) })
    }

    /// The members that are found neither by the cgroup nor by their parents.
    private func outsiders() -> Set<Int32> {
        var found: Set<Int32> = []
        if cgroup == nil || isAdopted {
            // A process of another launch can forge a mark, but not its descent.
            found = mark.members().filter { !isAnothers($0) }
        }
        for pid in keeper?.orphans() ?? [] where owns(orphan: pid) { found.insert(pid) }
        for process in remembered {
            if process.hasEnded { remembered.remove(process) } else { found.insert(process.pid) }
        }
        return found
    }

    /// Whether an unidentified child of the keeper is an orphan of this tree.
    package func owns(orphan pid: Int32) -> Bool {
        guard let keeper, let process = ProcessStatistics.read(pid), !process.hasEnded, keeper.isParent(of: process)
        else { return false }
        if remembered.contains(ProcessIdentity(pid: pid, startTime: process.startTime)) { return true }
        let mark = Mark(of: pid)
        if mark == self.mark { return true }
        // After the main process has ended, its session number may be reused; but the new session's processes carry
        // their own mark.
        if process.session == session, mark == nil || main != nil { return true }
        return mark == nil && writesToPipes(pid)
    }

    private func writesToPipes(_ pid: Int32) -> Bool {
        guard let pipes else { return false }
        let names = ["pipe:[\(pipes.output)]", "pipe:[\(pipes.error)]"]
        return [1, 2].contains { number in
            FileSystem.target(ofLink: "/proc/\(pid)/fd/\(number)").map(names.contains) ?? false
        }
    }

    private func isAnothers(_ pid: Int32) -> Bool {
        keeper?.launch(above: pid).map { $0 != mark.launch } ?? false
    }

    /// Whether a process is a member right now. That it was found as one is not enough: its number may be reused by
    /// now.
    private func owns(_ pid: Int32, _ inside: Set<Int32>) -> Bool {
        var next = pid
        for _ in 0..<Descent.depth {
            if inside.contains(next) { return true }
            guard next > 1, let process = ProcessStatistics.read(next) else { return false }
            if next == main { return startTime == nil || startTime == process.startTime }
            if remembered.contains(ProcessIdentity(pid: next, startTime: process.startTime)) || owns(orphan: next) {
                return true
            }
            if Mark(of: next) == mark { return !isAnothers(next) }
            next = process.parent
        }
        return false
    }

    /// Records the members that only their descent identifies, so that they are found after their parents have ended.
    ///
    /// - Returns: all members.
    @discardableResult
    package func remember() -> Set<ProcessIdentity> {
        let all = members().compactMap { ProcessIdentity(of: $0) }
        let inside = cgroup?.members() ?? []
        for process in all where process.pid != main && !inside.contains(process.pid) {
            if Mark(of: process.pid) != mark { remembered.insert(process) }
        }
        return Set(all)
    }

    // MARK: Signals and cleanup

    /// Sends a signal once to every member but the main process, and to what they start meanwhile. Call ``remember()``
    /// first if the signal may end members.
    ///
    /// - Parameter continues: whether to send SIGCONT as well, because a stopped process handles no other signal.
    @discardableResult
    package func signal(_ signal: Int32, continues: Bool = false) -> Delivery {
        keeper?.lookAgain()
        return send(continues ? [signal, SIGCONT] : [signal], to: presentMembers)
    }

    /// Kills the cgroup, and every member outside it but the main process. Must be repeated for a tree outside a cgroup that keeps
    /// forking.
    @discardableResult
    package func kill() -> Delivery {
        keeper?.lookAgain()
        guard let cgroup, !cgroup.isEmpty, cgroup.kill() else { return send([SIGKILL], to: presentMembers) }
        // All processes in the cgroup end at once, however many they are.
        var delivery = send([SIGKILL]) {
            var found = outsiders()
            if let main = livingMain { found.insert(main) }
            return found.union(Descent.descendants(of: found))
        }
        delivery.isSent = true
        return delivery
    }

    private func send(_ signals: [Int32], to find: () -> Set<Int32>) -> Delivery {
        var delivery = Delivery()
        var signalled = Set([main].compactMap { $0 })
        for _ in 0..<Self.rounds {
            let new = find().subtracting(signalled)
            if new.isEmpty { break }
            signalled.formUnion(new)
            PinnedProcess.inBatches(of: new) { batch in
                let inside = cgroup?.members() ?? []
                for process in batch where owns(process.pid, inside) {
                    for signal in signals { delivery.add(process.signal(signal)) }
                }
            }
        }
        return delivery
    }

    /// Removes the cgroup if the tree is empty after its main process has ended.
    ///
    /// - Returns: whether the tree is empty.
    package func removeIfEmpty() -> Bool {
        keeper?.lookAgain()
        // Only an empty cgroup can be removed.
        return remove() && outsiders().isEmpty
    }

    /// Removes the tree's cgroup.
    ///
    /// - Returns: false while a process is in the cgroup.
    @discardableResult
    package func remove() -> Bool { cgroup?.remove() ?? true }

    /// How often the tree is searched again for processes that were started meanwhile. A tree that starts more ignores
    /// the signal, or is killed again.
    private static let rounds = 16
}
