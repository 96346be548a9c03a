/// One node or VM as `get_nodes` and `get_vms` list it and `pm/cluster/<kind>/<id>/state` retains it.
package struct InstanceEntry: Equatable, Sendable {
    package var kind: InstanceKind
    package var id: HostName
    /// Nil while it is queued.
    package var host: HostName?
    package var state: InstanceState
    /// Set while the instance is being started.
    package var stage: InstanceStage?
    package var want: Want
    package var generation: String
    /// Seconds since the epoch.
    package var createdAt: Double
    /// Why the state differs from what was requested.
    package var reason: String?
    package var labels: [Label] = []
    /// The size that a VM was allocated with.
    package var vm: VMSpec?
    /// The process that was started in a VM.
    package var process: InstanceProcess?
    /// For a VM, the status of its process in the guest. For a node, and for a VM after the end of its runner: the
    /// status of the host's process that ran the instance.
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

/// The process that a VM was allocated for.
package struct InstanceProcess: Equatable, Sendable {
    package var id: Name
    /// Pid inside the guest.
    package var pid: Int32?
    package var status = InstanceProcessStatus()

    package init(id: Name, pid: Int32?) {
        self.id = id
        self.pid = pid
    }
}
