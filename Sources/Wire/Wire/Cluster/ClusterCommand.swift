package import JSONCodec
package import Model

/// What pm-cluster is asked to do.
package enum ClusterCommand: Equatable, Sendable {
    case create(InstanceRequest)
    case remove(InstanceRemoval)
    case reset(InstanceKind, HostName)
    /// Starts a process on a node; the config as it was sent.
    case run(HostName, config: JSON)
    case getHealth(InstanceKind)
    case list(InstanceKind)
    /// Lists what runs and is in no file.
    case listOrphans(InstanceKind)
    case adopt(InstanceAdoption)
    /// Says that the state is right as it is.
    case confirm(InstanceKind)

    /// Whether it changes nothing.
    package var isReading: Bool {
        switch self {
        case .create, .remove, .reset, .run, .adopt, .confirm: false
        case .getHealth, .list, .listOrphans: true
        }
    }
}

/// A node or VM that somebody wants.
package struct InstanceRequest: Equatable, Sendable {
    package var kind: InstanceKind
    package var id: HostName?
    /// Nil leaves the choice to pm-cluster.
    package var host: HostName?
    package var labels: [Label] = []
    package var vm: VMSpec?
    /// The config of a VM's process, as it was sent.
    package var config: JSON?

    package init(kind: InstanceKind) { self.kind = kind }
}
