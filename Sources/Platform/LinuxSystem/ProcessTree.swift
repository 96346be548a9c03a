import CLinux
import Glibc

/// All that one start of a process has brought forth, wherever it went.
///
/// A process belongs to it that is in its control group; that carries its mark; that descends from another of it, as long
/// as the parents between them live, or was seen to; or that is an orphan of its session, or one without a mark that
/// writes to its pipes. The first process belongs to it whatever becomes of it.
package final class ProcessTree {
    package let mark: Mark
    package let cgroup: Cgroup?
    private let keeper: KeeperChildren?
    /// The first process until it has ended, when it started if that is known, and the number of its session.
    private var main: Int32?
    private var startTime: UInt64?
    private var session: Int32?
    /// Those that nothing but their descent told to belong to it.
    private var remembered: Set<ProcessIdentity> = []
    /// Inodes of the pipes that its processes write to, unless they say otherwise.
    private var pipes: (output: UInt, error: UInt)?
    /// Whether its orphans are no children of the keeper, because its parent was another one.
    package var isAdopted = false

    /// - Parameters:
    ///   - cgroup: the control group that it is born into.
    ///   - keeper: nil where orphans are not this program's to know.
    package init(launch: UInt64, cgroup: Cgroup?, keeper: KeeperChildren? = nil) {
        mark = Mark(launch: launch)
        self.cgroup = cgroup
        self.keeper = keeper
    }

    /// Its first process lives. It is signalled by its handle from now on, and not by this tree.
    package func begin(with main: borrowing ProcessHandle) {
        (self.main, startTime, session) = (main.pid, main.startTime, main.pid)
        keeper?.launched(main.pid, mark.launch)
    }

    /// What its first process writes comes out at these read ends; so does what is written by whatever keeps that open.
    package func writes(to output: borrowing Descriptor, _ error: borrowing Descriptor) {
        var (first, second) = (stat(), stat())
        if fstat(output.number, &first) == 0, fstat(error.number, &second) == 0 {
            pipes = (first.st_ino, second.st_ino)
        }
    }

    /// Its first process has ended, and its number is free.
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

    // MARK: Who belongs to it

    /// The process ids; zombies don't count.
    package func members() -> Set<Int32> {
        keeper?.lookAgain()
        return presentMembers()
    }

    package var isEmpty: Bool { members().isEmpty }

    private func presentMembers() -> Set<Int32> {
        var found = (cgroup?.members() ?? []).union(outsiders())
        if let main = livingMain { found.insert(main) }
        // One that has no number in this program's pid namespace.
        found.remove(0)
        return found.union(Descent.descendants(of: found).filter { !ProcessStatistics.hasEnded($0) })
    }

    /// Those that are found without the control group and without their parents.
    private func outsiders() -> Set<Int32> {
        var found: Set<Int32> = []
        if cgroup == nil || isAdopted {
            // Another launch's processes can forge a mark, but not their descent.
            found = mark.members().filter { !isAnothers($0) }
        }
        for pid in keeper?.orphans() ?? [] where owns(orphan: pid) { found.insert(pid) }
        for process in remembered {
            if process.hasEnded { remembered.remove(process) } else { found.insert(process.pid) }
        }
        return found
    }

    /// Whether a child of the keeper, of which it is not known what it is, is an orphan of this tree.
    package func owns(orphan pid: Int32) -> Bool {
        guard let keeper, let process = ProcessStatistics.read(pid), !process.hasEnded, keeper.isParent(of: process)
        else { return false }
        if remembered.contains(ProcessIdentity(pid: pid, startTime: process.startTime)) { return true }
        let mark = Mark(of: pid)
        if mark == self.mark { return true }
        // A session's number may be another's once its first process has ended, but that one carries its own mark.
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

    /// Whether a process is of it now, which its being found does not tell: its number may be a stranger's by now.
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

    /// Takes stock, so that those are found later that nothing but their descent tells, when their parents have ended.
    ///
    /// - Returns: all of it.
    @discardableResult
    package func remember() -> Set<ProcessIdentity> {
        let all = members().compactMap { ProcessIdentity(of: $0) }
        let inside = cgroup?.members() ?? []
        for process in all where process.pid != main && !inside.contains(process.pid) {
            if Mark(of: process.pid) != mark { remembered.insert(process) }
        }
        return Set(all)
    }

    // MARK: Its end

    /// Sends a signal to every process of it but the first, and to what they start meanwhile: once to each. What may end by
    /// the signal is to be remembered first.
    ///
    /// - Parameter continues: whether one that is stopped, and hears no signal, is to go on.
    @discardableResult
    package func signal(_ signal: Int32, continues: Bool = false) -> Delivery {
        keeper?.lookAgain()
        return send(continues ? [signal, SIGCONT] : [signal], to: presentMembers)
    }

    /// SIGKILL for every process of it but the first. One that forks on and on outside a cgroup may need it again.
    @discardableResult
    package func kill() -> Delivery {
        keeper?.lookAgain()
        guard let cgroup, !cgroup.isEmpty, cgroup.kill() else { return send([SIGKILL], to: presentMembers) }
        // Those in it end at once, however many they are.
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

    /// Whether nothing of it is left after its first process; if so, what the system keeps for it is given back.
    package func removeIfEmpty() -> Bool {
        keeper?.lookAgain()
        // A control group that is empty can be removed, and only such a one.
        return remove() && outsiders().isEmpty
    }

    /// Gives back what the system keeps for it.
    ///
    /// - Returns: false while there is a process in its control group.
    @discardableResult
    package func remove() -> Bool { cgroup?.remove() ?? true }

    /// A signal goes round so often to catch what is started meanwhile; a tree that starts more has ignored it, or is
    /// killed again.
    private static let rounds = 16
}
