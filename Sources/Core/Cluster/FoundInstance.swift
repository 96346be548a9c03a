import Model

/// What a host runs under the name of a node or VM, where no file says that it runs there.
package enum FoundInstance: Hashable, Sendable, CaseIterable {
    /// This pm-cluster has ended it or given it up.
    case leftover
    /// What the file of this name tells of: its host is called otherwise now.
    case moved
    /// The same, while the host that the file tells of is there as well.
    case twin
    /// A pm-cluster has started it, and this one does not know that it has ended: it may be wanted.
    case orphan
    /// No pm-cluster has started it.
    case foreign

    /// - Parameters:
    ///   - isManaged: whether the generation is of the kind that pm-cluster gives.
    ///   - isEnded: whether this pm-cluster knows that it has ended this generation.
    ///   - recorded: the generation in the file of this name and kind, if there is one.
    ///   - recordedHost: the presence of the host in there.
    package init(
        generation: String, isManaged: Bool, isEnded: Bool, recorded: String?, recordedHost: HostTable.Presence
    ) {
        if generation == recorded {
            self = recordedHost == .offline ? .moved : .twin
        } else if isEnded {
            self = .leftover
        } else {
            self = isManaged ? .orphan : .foreign
        }
    }
}
