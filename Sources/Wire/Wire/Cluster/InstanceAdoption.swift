package import JSONCodec
package import Model

/// A node or VM that runs and is in no file, or is held, and is to be managed from now on.
package struct InstanceAdoption: Equatable, Sendable {
    package var kind: InstanceKind
    package var id: HostName
    /// Tells several of this name from each other.
    package var host: HostName?
    /// The config of a VM's process, as it was sent; nil where the agent inside is to tell it.
    package var config: JSON?

    package init(kind: InstanceKind, id: HostName) {
        self.kind = kind
        self.id = id
    }
}
