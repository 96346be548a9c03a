import DequeModule
import Model
import Supervision
import Wire

/// All processes of the agent, by id and by pid, and the ended ones it still remembers.
struct ProcessTable {
    private(set) var byID: [Name: ManagedProcess] = [:]
    /// Those whose leader is alive, or was until its group has gone.
    private var byPID: [Int32: ManagedProcess] = [:]
    private var exits = ExitRecords()
    /// Ended ones in the order of their last end; one that was started again is in here still, and skipped.
    private var ended: Deque<ManagedProcess> = []
    private var lastNumber = 0

    var liveCount: Int { byPID.count }

    /// The process, when it is one of the agent's and not forgotten.
    func find(_ reference: ProcessReference) -> ManagedProcess? {
        switch reference {
        case .id(let id): byID[id]
        case .pid(let number): Int32(exactly: number).flatMap { byPID[$0] }
        }
    }

    func leader(_ pid: Int32) -> ManagedProcess? { byPID[pid] }

    func exitStatus(_ pid: Int) -> ExitStatus? { Int32(exactly: pid).flatMap { exits[$0] } }

    /// The pids of all whose leader is alive, ascending.
    var livePIDs: [Int32] { byPID.values.lazy.filter { $0.exit == nil }.compactMap(\.pid).sorted() }

    /// `<program>-<n>`, unused.
    mutating func makeName(for program: String) -> Name {
        while true {
            lastNumber += 1
            let suffix = "-\(lastNumber)"
            let stem = Name(sanitizing: program, fallback: "process").description
                .prefix(Limits.nameLength - suffix.utf8.count)
            let name = Name(sanitizing: stem + suffix, fallback: "process")
            if byID[name] == nil { return name }
        }
    }

    mutating func started(_ process: ManagedProcess, pid: Int32) {
        byID[process.id] = process
        byPID[pid] = process
        exits.forget(pid)
    }

    mutating func leaderExited(_ pid: Int32, _ status: ExitStatus, at time: Double) { exits.add(pid, status, at: time) }

    mutating func gone(_ pid: Int32) { byPID[pid] = nil }

    /// - Returns: whom to forget, now that there is one ended process more.
    mutating func ended(_ process: ManagedProcess) -> ManagedProcess? {
        ended.removeAll { $0 === process }
        ended.append(process)
        guard ended.count > Limits.endedProcesses, let oldest = ended.popFirst() else { return nil }
        let isForgotten = !oldest.machine.isLive && byID[oldest.id] === oldest
        guard isForgotten else { return nil }
        byID[oldest.id] = nil
        return oldest
    }
}
