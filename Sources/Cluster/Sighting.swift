import Model

/// What a host runs under the name of a node or VM, where no file says that it runs there.
package enum Sighting: Equatable, Sendable {
    /// This pm-cluster has started it, and no longer wants it.
    case leftover
    /// What the file of this name tells of: its host is called otherwise now.
    case moved
    /// The same, while the host that the file tells of is there as well.
    case twin
    /// This pm-cluster has not started it.
    case foreign

    /// - Parameters:
    ///   - isOurs: whether this pm-cluster has started it.
    ///   - recorded: the generation in the file of this name and kind, if there is one.
    ///   - recordedHost: the presence of the host in there.
    package init(
        generation: String, isOurs: Bool, recorded: String?, recordedHost: HostTable.Presence
    ) {
        if generation == recorded {
            self = recordedHost == .offline ? .moved : .twin
        } else {
            self = isOurs ? .leftover : .foreign
        }
    }
}
