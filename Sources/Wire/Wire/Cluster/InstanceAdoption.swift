package import JSONCodec
package import Model

/// A request to adopt an orphan, or an instance that is held.
package struct InstanceAdoption: Equatable, Sendable {
    package var kind: InstanceKind
    package var id: HostName
    /// The instance's host; it distinguishes several instances of this name.
    package var host: HostName?
    /// The config of a VM's process, as it was sent; nil if pm-cluster is to get it from the VM's agent.
    package var config: JSON?

    package init(kind: InstanceKind, id: HostName) {
        self.kind = kind
        self.id = id
    }
}
