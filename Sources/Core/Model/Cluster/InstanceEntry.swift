/// One node or VM as `get_nodes` and `get_vms` list it and `pm/cluster/<kind>/<id>/state` retains it.
package struct InstanceEntry: Equatable, Sendable {
    package var kind: InstanceKind
    package var id: HostName
    /// Nil while it waits for its turn.
    package var host: HostName?
    package var state: InstanceState
    /// While it is brought up.
    package var stage: InstanceStage?
    package var want: Want
    package var generation: String
    /// Seconds since the epoch.
    package var createdAt: Double
    /// Why it is not as it should be.
    package var reason: String?
    package var labels: [Label] = []
    /// What a VM was allocated with.
    package var vm: VMSpec?
    /// The process that runs in a VM.
    package var process: InstanceProcess?
    /// Of a VM's process in the guest; of its own process on the host, and of a node's, where that has ended.
    package var status = InstanceProcessStatus()

    package init(
        kind: InstanceKind, id: HostName, host: HostName?, state: InstanceState, want: Want, generation: String,
        createdAt: Double
    ) {
        self.kind = kind
        self.id = id
        self.host = host
        self.state = state
        self.want = want
        self.generation = generation
        self.createdAt = createdAt
    }
}

/// The process that a VM is for.
package struct InstanceProcess: Equatable, Sendable {
    package var id: Name
    /// In the guest.
    package var pid: Int32?
    package var status = InstanceProcessStatus()

    package init(id: Name, pid: Int32?) {
        self.id = id
        self.pid = pid
    }
}
