import Cluster
import Model
import Wire

/// What requesters and the log are told of an instance.
extension Instance {
    /// The outcome of a successful creation.
    var created: ClusterOutcome {
        let host = record.host ?? id
        guard kind == .vm else { return .nodeCreated(id, on: host) }
        let process = process ?? record.processID.map { InstanceProcess(id: $0, pid: nil) }
        return .vmAllocated(id, on: host, process ?? InstanceProcess(id: id.name, pid: nil))
    }

    /// What lists and the state topic show of it.
    func entry(hostIsOffline: Bool) -> InstanceEntry {
        let isAway = hostIsOffline && !isReady && lifecycle.phase != .queued
        var entry = InstanceEntry(
            kind: kind, id: id, host: record.host, state: isAway ? .hostOffline : lifecycle.state,
            want: lifecycle.want, generation: record.generation, createdAt: record.createdAt)
        let adopted = record.isAdopted ? "newer than pm-cluster's state: adopted, to be confirmed" : nil
        entry.reason = isAway ? "its host is offline" : reason?.detail ?? adopted
        entry.stage = isAway ? nil : lifecycle.stage
        entry.labels = record.labels
        entry.vm = record.vm
        entry.process =
            lifecycle.phase == .running ? process : record.processID.map { InstanceProcess(id: $0, pid: nil) }
        let inner = lifecycle.phase == .running ? process?.status : nil
        entry.status = inner ?? InstanceProcessStatus()
        if hostStatus.hasEnded { entry.status = hostStatus }
        return entry
    }

    /// The log line when it is gone.
    var farewell: String {
        let isRemoved = lifecycle.isCommitted && !lifecycle.isForeign
        guard !isRemoved || reason?.code == .hostOffline else {
            return "removed \(title)" + (record.host.map { " on \($0)" } ?? "")
        }
        return "\(title) is gone" + (reason.map { ": \($0.detail)" } ?? "")
    }
}
