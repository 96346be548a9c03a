import Model

/// Identifies a node or VM on one host. Two hosts may run instances of the same name.
struct HostedID: Hashable {
    let host: HostName
    let id: HostName
}
