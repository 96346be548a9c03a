import Model

/// A node or a VM where it runs.
struct HostedID: Hashable {
    let host: HostName
    let id: HostName
}
