/// How far a node or a VM has come that is being brought up.
package enum InstanceStage: String, Sendable, CaseIterable {
    /// Its host is asked what it knows of it, or to end what is left of its last run.
    case clearing
    /// Its host is asked to start it.
    case launching
    /// Its agent is awaited.
    case booting
    /// The process that it is for is started in it.
    case process
}
