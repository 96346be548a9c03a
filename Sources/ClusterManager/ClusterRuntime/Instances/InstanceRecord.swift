import JSONCodec
import Model

/// The saved state of a node or VM: all that pm-cluster needs after a restart.
struct InstanceRecord {
    let kind: InstanceKind
    let id: HostName
    var host: HostName?
    var want: Want
    /// Whether its creation was answered with success.
    var isCommitted: Bool
    var generation: String
    /// Generations that resets have replaced. An instance with one of them is ended.
    var replaced: [String] = []
    /// Whether it was adopted because it was newer than its file, and is not confirmed yet.
    var isAdopted = false
    /// Whether the file may be older than the fleet, although the state mismatch of the directory is settled.
    var isMismatched = false
    var createdAt: Double
    var labels: [Label] = []
    var vm: VMSpec?
    /// The config of a VM's process, including its name.
    var config: JSON?
    /// Unanswered requests.
    var pending: [PendingRequest] = []

    init(
        kind: InstanceKind, id: HostName, host: HostName?, want: Want, isCommitted: Bool, generation: String,
        createdAt: Double
    ) {
        self.kind = kind
        self.id = id
        self.host = host
        self.want = want
        self.isCommitted = isCommitted
        self.generation = generation
        self.createdAt = createdAt
    }

    /// The name of a VM's process.
    var processID: Name? { config?["name"]?.string.flatMap(Name.init) }

    /// Bytes of host memory that it may use; 0 for a node.
    var memory: Int { (vm?.footprint ?? 0) << 20 }

    /// The config for the host's `start_process`.
    var hostConfig: JSON {
        var members: [JSON.Member] = [
            .init("name", .string(id.description)), .init("driver", .string(kind.driver)),
            .init("generation", .string(generation)),
            // The host restarts it without limit, also after a reboot: only a removal ends it.
            .init("restart", ["policy": "always", "start_limit": .number(0)]), .init("persist", true),
        ]
        if !labels.isEmpty {
            members.append(.init("labels", .object(labels.map { .init($0.name, .string($0.value)) })))
        }
        if let vm {
            members += [.init("memory_mb", .number(vm.memory)), .init("cpus", .number(vm.cpus))]
        }
        return .object(members)
    }
}
