package import Model

/// A node or VM that is to be removed.
package struct InstanceRemoval: Equatable, Sendable {
    package var kind: InstanceKind
    package var id: HostName
    /// Tells several of this name from each other, where one is in no file.
    package var host: HostName?
    /// Whether the nodes and VMs that it holds are removed with it.
    package var isForced = false

    package init(kind: InstanceKind, id: HostName, isForced: Bool = false) {
        self.kind = kind
        self.id = id
        self.isForced = isForced
    }
}
