import TestSupport

/// Memory and descriptors of keeper and worker.
struct Footprint: CustomStringConvertible, Sendable {
    let keeperMemory: Int
    let workerMemory: Int
    let keeperFiles: Int
    let workerFiles: Int

    @MainActor
    init(_ agent: AgentProcess) {
        let keeper = SystemProcess(agent.pid)
        let worker = agent.worker
        keeperMemory = keeper.residentMemory
        keeperFiles = keeper.descriptors.count
        workerMemory = worker?.residentMemory ?? 0
        workerFiles = worker?.descriptors.count ?? 0
    }

    var description: String {
        "keeper \(Report.megabytes(keeperMemory)) \(keeperFiles) fds, "
            + "worker \(Report.megabytes(workerMemory)) \(workerFiles) fds"
    }
}
