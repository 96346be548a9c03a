import DequeModule
import Model
import Supervision
import Wire

/// All processes of the agent, by id, by launch and by pid, and the ended ones it still remembers.
struct ProcessTable {
    private(set) var byID: [Name: ManagedProcess] = [:]
    /// Those whose leader is alive, or was until its tree has gone.
    private var byPID: [Int32: ManagedProcess] = [:]
    private var byLaunch: [UInt64: ManagedProcess] = [:]
    private var exits = ExitRecords()
    /// Those that need others to have completed.
    private var dependants: Set<Name> = []
    /// Ended ones in the order of their last end; one that was started again is in here still, and skipped.
    private var ended: Deque<ManagedProcess> = []
    private var lastNumber = 0
    /// Those that are being started for the first time, and are known by their ids once they have been. An ended process
    /// of the same id keeps its place until then.
    private(set) var newcomers: [Name: ManagedProcess] = [:]

    var liveCount: Int { byLaunch.count + newcomers.count }

    func process(_ id: Name) -> ManagedProcess? { newcomers[id] ?? byID[id] }

    /// All of them, each id once.
    var all: [ManagedProcess] {
        newcomers.isEmpty ? Array(byID.values) : Array(byID.merging(newcomers) { _, newcomer in newcomer }.values)
    }

    mutating func begin(_ process: ManagedProcess) {
        if byID[process.id] !== process { newcomers[process.id] = process }
    }

    mutating func begun(_ process: ManagedProcess) {
        if newcomers[process.id] === process { newcomers[process.id] = nil }
    }

    /// The process, when it is one of the agent's and not forgotten.
    func find(_ reference: ProcessReference) -> ManagedProcess? {
        switch reference {
        case .id(let id): process(id)
        case .pid(let number): Int32(exactly: number).flatMap { byPID[$0] }
        }
    }

    func launched(_ number: UInt64) -> ManagedProcess? { byLaunch[number] }

    func exitStatus(_ pid: Int) -> ExitStatus? { Int32(exactly: pid).flatMap { exits[$0] } }

    /// Launches that have ended, for those who ask by pid.
    var exitRecords: ExitRecords { exits }

    /// The pids of all whose leader is alive, ascending.
    var livePIDs: [Int32] { byPID.values.lazy.filter(\.isUp).compactMap(\.launch.pid).sorted() }

    /// `<program>-<n>`, unused.
    mutating func makeName(for program: String) -> Name {
        while true {
            lastNumber += 1
            let suffix = "-\(lastNumber)"
            let stem = Name(sanitizing: program, fallback: "process").description
                .prefix(Limits.nameLength - suffix.utf8.count)
            let name = Name(sanitizing: stem + suffix, fallback: "process")
            if byID[name] == nil, newcomers[name] == nil { return name }
        }
    }

    /// - Returns: the ended one whose id it takes.
    @discardableResult
    mutating func add(_ process: ManagedProcess) -> ManagedProcess? {
        defer {
            byID[process.id] = process
            dependenciesChanged(of: process)
        }
        return byID[process.id]
    }

    mutating func dependenciesChanged(of process: ManagedProcess) {
        if process.spec.needsCompletion(of: nil) {
            dependants.insert(process.id)
        } else {
            dependants.remove(process.id)
        }
    }

    private func isNeeded(_ id: Name) -> Bool {
        dependants.contains { byID[$0]?.spec.needsCompletion(of: id) ?? false }
    }

    mutating func launched(_ process: ManagedProcess) {
        byLaunch[process.launch.number] = process
        guard let pid = process.launch.pid else { return }
        byPID[pid] = process
        exits.forget(pid)
    }

    mutating func leaderExited(_ process: ManagedProcess) { remember(process.launch) }

    mutating func remember(_ launch: LaunchRecord) {
        guard let pid = launch.pid, let exit = launch.exit, let time = launch.exitedAt else { return }
        exits.add(pid, exit, at: time)
    }

    mutating func gone(_ process: ManagedProcess) {
        byLaunch[process.launch.number] = nil
        if let pid = process.launch.pid, byPID[pid] === process { byPID[pid] = nil }
    }

    mutating func remove(_ process: ManagedProcess) {
        if byID[process.id] === process {
            byID[process.id] = nil
            dependants.remove(process.id)
        }
        forgetEnd(of: process)
    }

    /// Another has taken its place, or will.
    mutating func forgetEnd(of process: ManagedProcess) { ended.removeAll { $0 === process } }

    /// One that others need to have completed is kept beyond the limit.
    ///
    /// - Returns: the one to forget, now that there is one ended process more.
    mutating func ended(_ process: ManagedProcess, atMost limit: Int) -> ManagedProcess? {
        ended.removeAll { $0 === process }
        ended.append(process)
        guard ended.count > limit, let index = ended.firstIndex(where: { !isNeeded($0.id) }) else { return nil }
        let oldest = ended.remove(at: index)
        return !oldest.lifecycle.isLive && byID[oldest.id] === oldest ? oldest : nil
    }
}

extension ProcessSpec {
    /// - Parameter id: nil is any process.
    fileprivate func needsCompletion(of id: Name?) -> Bool {
        rules.dependsOn.contains { $0.condition == .completed && (id == nil || $0.id == id) }
    }
}
