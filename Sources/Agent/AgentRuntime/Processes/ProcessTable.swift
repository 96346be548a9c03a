import DequeModule
import Model
import Supervision
import Wire

/// All processes of the agent, by id, by launch and by pid; also the ended ones that are still kept.
///
/// ``Supervisor`` owns it and calls it at each step: `begin` and `begun` around a first launch, `add` when the process
/// takes its id, `launched` when the main process lives, `mainExited` when that has ended, `leftRemnants` if its tree
/// has not, `gone` when its tree is gone, `ended` when the process is not live any more, `remove` when it is forgotten.
/// A process is in `byLaunch` and `byPID` from `launched` to `gone`.
final class ProcessTable {
    private(set) var byID: [Name: ManagedProcess] = [:]
    /// From the launch until the whole tree is gone.
    private var byPID: [Int32: ManagedProcess] = [:]
    private var byLaunch: [UInt64: ManagedProcess] = [:]
    /// Processes with remnants: the main process has ended and the tree has not.
    private(set) var remnants: [ManagedProcess] = []
    private var exits = ExitRecords()
    /// Processes with a dependency on another one's completion.
    private var dependants: Set<Name> = []
    /// Ended processes in the order of their last end. One that was started again is still in here, and is skipped.
    private var ended: Deque<ManagedProcess> = []
    private var lastNumber = 0
    /// Processes during their first launch. If it succeeds, they take their place in `byID`; until then an ended
    /// process of the same id keeps it.
    private(set) var newcomers: [Name: ManagedProcess] = [:]

    var liveCount: Int { byLaunch.count + newcomers.count }

    func process(_ id: Name) -> ManagedProcess? { newcomers[id] ?? byID[id] }

    /// All processes, each id once.
    var all: [ManagedProcess] {
        newcomers.isEmpty ? Array(byID.values) : Array(byID.merging(newcomers) { _, newcomer in newcomer }.values)
    }

    func begin(_ process: ManagedProcess) {
        if byID[process.id] !== process { newcomers[process.id] = process }
    }

    func begun(_ process: ManagedProcess) {
        if newcomers[process.id] === process { newcomers[process.id] = nil }
    }

    /// The process, unless the agent never had it or has forgotten it. An id that no process has, and that is a number,
    /// is a pid: templates send numbers as strings.
    func find(_ reference: ProcessReference) -> ManagedProcess? {
        switch reference {
        case .id(let id): process(id) ?? Int32(id.description).flatMap { byPID[$0] }
        case .pid(let number): Int32(exactly: number).flatMap { byPID[$0] }
        }
    }

    func launched(_ number: UInt64) -> ManagedProcess? { byLaunch[number] }

    func exitStatus(_ pid: Int) -> ExitStatus? { Int32(exactly: pid).flatMap { exits[$0] } }

    /// Exit statuses of ended launches, for queries by pid.
    var exitRecords: ExitRecords { exits }

    /// The pids of living main processes, ascending.
    var livePIDs: [Int32] { byPID.values.lazy.filter(\.isUp).compactMap(\.launch.pid).sorted() }

    /// `<program>-<n>`, unused.
    func makeName(for program: String) -> Name {
        while true {
            lastNumber += 1
            let suffix = "-\(lastNumber)"
            let stem = Name(sanitizing: program, fallback: "process").description
                .prefix(Limits.nameLength - suffix.utf8.count)
            let name = Name(sanitizing: stem + suffix, fallback: "process")
            if byID[name] == nil, newcomers[name] == nil { return name }
        }
    }

    /// - Returns: the ended process that it replaces under its id.
    @discardableResult
    func add(_ process: ManagedProcess) -> ManagedProcess? {
        defer {
            byID[process.id] = process
            dependenciesChanged(of: process)
        }
        return byID[process.id]
    }

    func dependenciesChanged(of process: ManagedProcess) {
        if process.spec.needsCompletion(of: nil) {
            dependants.insert(process.id)
        } else {
            dependants.remove(process.id)
        }
    }

    private func isNeeded(_ id: Name) -> Bool {
        dependants.contains { byID[$0]?.spec.needsCompletion(of: id) ?? false }
    }

    func launched(_ process: ManagedProcess) {
        byLaunch[process.launch.number] = process
        guard let pid = process.launch.pid else { return }
        byPID[pid] = process
        exits.forget(pid)
    }

    func mainExited(_ process: ManagedProcess) { remember(process.launch) }

    func leftRemnants(_ process: ManagedProcess) { remnants.append(process) }

    func hasRemnants(_ process: ManagedProcess) -> Bool { remnants.contains { $0 === process } }

    func remember(_ launch: LaunchRecord) {
        guard let pid = launch.pid, let exit = launch.exit, let time = launch.exitedAt else { return }
        exits.add(pid, exit, at: time)
    }

    func gone(_ process: ManagedProcess) {
        byLaunch[process.launch.number] = nil
        if let pid = process.launch.pid, byPID[pid] === process { byPID[pid] = nil }
        remnants.removeAll { $0 === process }
    }

    /// Forgets the exit records and the given names. To be called when all processes have ended and been removed.
    func reset() {
        exits = ExitRecords()
        lastNumber = 0
    }

    func remove(_ process: ManagedProcess) {
        if byID[process.id] === process {
            byID[process.id] = nil
            dependants.remove(process.id)
        }
        forgetEnd(of: process)
    }

    /// Takes a process off the list of ended ones: it is removed, or another one takes its id.
    func forgetEnd(of process: ManagedProcess) { ended.removeAll { $0 === process } }

    /// Puts a process on the list of ended ones. Those that dependants need to have completed are kept beyond the
    /// limit.
    ///
    /// - Returns: the process to forget because the list has become too long.
    func ended(_ process: ManagedProcess, atMost limit: Int) -> ManagedProcess? {
        ended.removeAll { $0 === process }
        ended.append(process)
        guard ended.count > limit, let index = ended.firstIndex(where: { !isNeeded($0.id) }) else { return nil }
        let oldest = ended.remove(at: index)
        return !oldest.lifecycle.isLive && byID[oldest.id] === oldest ? oldest : nil
    }
}

extension ProcessSpec {
    /// - Parameter id: nil means any process.
    fileprivate func needsCompletion(of id: Name?) -> Bool {
        rules.dependsOn.contains { $0.condition == .completed && (id == nil || $0.id == id) }
    }
}
