package import Model

/// A request to remove a node or a VM.
package struct InstanceRemoval: Equatable, Sendable {
    package var kind: InstanceKind
    package var id: HostName
    /// The host of an orphan; it distinguishes several instances of this name.
    package var host: HostName?
    /// Whether the nodes and VMs that run on it are removed, too.
    package var isForced = false

    package init(kind: InstanceKind, id: HostName, isForced: Bool = false) {
        self.kind = kind
        self.id = id
        self.isForced = isForced
    }
}
