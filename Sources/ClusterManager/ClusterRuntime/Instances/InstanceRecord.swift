import JSONCodec
import Model

/// A node or VM as its file has it: all that a new pm-cluster must know.
struct InstanceRecord {
    let kind: InstanceKind
    let id: HostName
    var host: HostName?
    var want: Want
    /// Whether somebody has been told that it runs.
    var isCommitted: Bool
    var generation: String
    /// Generations that resets have replaced: where one of them runs, it is ended.
    var replaced: [String] = []
    /// Whether it was newer than the state directory, and nobody has confirmed it yet.
    var isAdopted = false
    /// Whether it may be older than the fleet, where the whole directory no longer counts as that.
    var isDoubtful = false
    var createdAt: Double
    var labels: [Label] = []
    var vm: VMSpec?
    /// Of a VM's process, with its name.
    var config: JSON?
    /// Requests that are not answered yet.
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

    /// Bytes that it may take of its host.
    var memory: Int { (vm?.footprint ?? 0) << 20 }

    /// What the host is asked to run.
    var hostConfig: JSON {
        var members: [JSON.Member] = [
            .init("name", .string(id.description)), .init("driver", .string(kind.driver)),
            .init("generation", .string(generation)),
            // The host brings it back as often as it takes, also after a reboot of its own: only a removal ends it.
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
