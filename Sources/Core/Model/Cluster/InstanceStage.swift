/// How far the start of a node or a VM has got.
package enum InstanceStage: String, Sendable, CaseIterable {
    /// pm-cluster asks the host what it knows of the instance, or asks it to end what is left of its last run.
    case clearing
    /// pm-cluster has asked the host to start the instance.
    case launching
    /// pm-cluster waits for the instance's agent to come online.
    case booting
    /// pm-cluster has asked the VM's agent to start the process that the VM was allocated for.
    case process
}
