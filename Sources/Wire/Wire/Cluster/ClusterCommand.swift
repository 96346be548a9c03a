package import JSONCodec
package import Model

/// A decoded request to pm-cluster.
package enum ClusterCommand: Equatable, Sendable {
    case create(InstanceRequest)
    case remove(InstanceRemoval)
    case reset(InstanceKind, HostName)
    /// Starts a process on a node; the config is kept as it was sent.
    case run(HostName, config: JSON)
    case getHealth(InstanceKind)
    case list(InstanceKind)
    /// Lists orphans: instances that run and that pm-cluster has no file of.
    case listOrphans(InstanceKind)
    case adopt(InstanceAdoption)
    /// Confirms that pm-cluster's state is right, after a state mismatch.
    case confirm(InstanceKind)

    /// Whether the command changes nothing.
    package var isReading: Bool {
        switch self {
        case .create, .remove, .reset, .run, .adopt, .confirm: false
        case .getHealth, .list, .listOrphans: true
        }
    }
}

/// A request for a new node or VM.
package struct InstanceRequest: Equatable, Sendable {
    package var kind: InstanceKind
    package var id: HostName?
    /// Nil: pm-cluster chooses the host.
    package var host: HostName?
    package var labels: [Label] = []
    package var vm: VMSpec?
    /// The config of a VM's process, as it was sent.
    package var config: JSON?

    package init(kind: InstanceKind) { self.kind = kind }
}
