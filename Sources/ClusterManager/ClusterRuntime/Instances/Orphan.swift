import JSONCodec
import Model
import Wire

/// A node or VM that a pm-cluster has started and that has no file here. Known from its host, or from a retained state
/// while its host is offline.
struct Orphan {
    let kind: InstanceKind
    let id: HostName
    let host: HostName
    var generation: String
    /// Whether its host has reported that it runs; false if only the retained state is known.
    var isSighted = false
    var createdAt = 0.0
    var labels: [Label] = []
    var vm: VMSpec?
    /// The id of a VM's process.
    var processID: Name?

    init(kind: InstanceKind, id: HostName, host: HostName, generation: String) {
        self.kind = kind
        self.id = id
        self.host = host
        self.generation = generation
    }

    /// From the retained state of an earlier pm-cluster; nil if the state is invalid or names no host yet.
    init?(_ kind: InstanceKind, _ id: HostName, state: JSON) {
        guard let host = state["host"]?.string.flatMap(HostName.init), let generation = state["generation"]?.string,
            generation.utf8.count <= Limits.generation
        else { return nil }
        self.init(kind: kind, id: id, host: host, generation: generation)
        createdAt = state["created_at"]?.number ?? 0
        processID = state["process_id"]?.string.flatMap(Name.init)
        take(state)
    }

    /// Takes labels and VM size from the config on its host, or from a retained state.
    mutating func take(_ json: JSON) {
        if let labels = json["labels"], let list = try? Label.list(labels) { self.labels = list }
        guard kind == .vm, let memory = json["memory_mb"]?.integer,
            (Limits.vmMemoryLeast...Limits.vmMemoryMost).contains(memory)
        else { return }
        vm = VMSpec(memory: memory, cpus: min(max(json["cpus"]?.integer ?? 1, 1), Limits.machineCPUs))
    }

    /// Takes over all that a retained state has described.
    mutating func take(_ left: Orphan) {
        (createdAt, labels, vm, processID) = (left.createdAt, left.labels, left.vm, left.processID)
    }

    var title: String { "\(kind.rawValue) \(id)" }
    var hostedID: HostedID { HostedID(host: host, id: id) }

    /// - Parameter want: `up` to adopt it, `down` to remove it.
    func record(want: Want) -> InstanceRecord {
        var record = InstanceRecord(
            kind: kind, id: id, host: host, want: want, isCommitted: true, generation: generation, createdAt: createdAt)
        record.labels = labels
        record.vm = kind == .vm ? vm ?? VMSpec() : nil
        return record
    }

    func entry(_ state: InstanceState, reason: String?) -> InstanceEntry {
        var entry = InstanceEntry(
            kind: kind, id: id, host: host, state: state, want: .up, generation: generation, createdAt: createdAt)
        entry.reason = reason
        entry.labels = labels
        entry.vm = vm
        entry.process = processID.map { InstanceProcess(id: $0, pid: nil) }
        return entry
    }
}
