package import Model

/// The result of a request to pm-cluster.
package enum ClusterOutcome: Equatable, Sendable {
    case nodeCreated(HostName, on: HostName)
    case vmAllocated(HostName, on: HostName, InstanceProcess)
    case processStarted(Name, pid: Int32?)
    case removed
    case reset
    case health(ClusterHealth)
    case instances(InstanceKind, [InstanceEntry])
    case orphans([InstanceEntry])
    case adopted(InstanceKind, HostName, on: HostName)
    case confirmed
    case failed(Failure)
}
