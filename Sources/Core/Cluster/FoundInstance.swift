import Model

/// Classifies what a host runs under the name of a node or VM without a file that says so.
package enum FoundInstance: Hashable, Sendable, CaseIterable {
    /// This pm-cluster has ended it or given it up: to be removed.
    case leftover
    /// The instance in the file of this name. The host in the file is offline, so the host was renamed.
    case moved
    /// The same, but the host in the file may be online: left alone.
    case twin
    /// A pm-cluster has started it, and this one has not ended it: it may be wanted.
    case orphan
    /// It was started without a pm-cluster: left alone.
    case foreign

    /// - Parameters:
    ///   - isManaged: whether the generation has the form that pm-cluster uses.
    ///   - isEnded: whether this pm-cluster has ended this generation.
    ///   - recorded: the generation in the file of this name and kind; nil without a file.
    ///   - recordedHost: the presence of the host in this file.
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
