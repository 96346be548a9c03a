import TestSupport

/// Memory and descriptors of keeper and worker.
struct Footprint: CustomStringConvertible, Sendable {
    let keeperMemory: Int
    let workerMemory: Int
    let keeperFiles: Int
    let workerFiles: Int
    /// Descriptors of `/dev/null`. Each thread of the worker that has started a process keeps nine (`descriptors.c`), and
    /// which threads do so is chance. So they are no part of `workerFiles`.
    let workerSlots: Int
    /// Sixteen threads for launches, the loop's and a spare one.
    static let mostSlots = 9 * 18

    @MainActor
    init(_ agent: AgentProcess) {
        let keeper = SystemProcess(agent.pid)
        let worker = agent.worker
        keeperMemory = keeper.residentMemory
        keeperFiles = keeper.descriptors.count
        workerMemory = worker?.residentMemory ?? 0
        let targets = worker?.descriptors.values ?? [:].values
        workerSlots = targets.count { $0 == "/dev/null" }
        workerFiles = targets.count - workerSlots
    }

    var description: String {
        "keeper \(Report.megabytes(keeperMemory)) \(keeperFiles) fds, "
            + "worker \(Report.megabytes(workerMemory)) \(workerFiles)+\(workerSlots) fds"
    }
}
