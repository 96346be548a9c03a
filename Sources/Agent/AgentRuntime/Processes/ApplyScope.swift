import Model

/// Which processes an `apply` may change.
struct ApplyScope: Equatable {
    enum Part: Equatable {
        /// The processes of requests without an owner, and those of `processes.d`.
        case unowned
        /// The processes of `processes.d`.
        case directory
        case owner(Owner)
    }

    let part: Part
    /// Whether processes that are not listed are removed.
    var prunes = true

    /// The origin of processes that it starts.
    var origin: ProcessOrigin {
        switch part {
        case .unowned: .request
        case .directory: .directory
        case .owner(let owner): .owner(owner)
        }
    }

    /// Why it may not change a process; nil if it may.
    func objection(to process: ManagedProcess) -> Failure? {
        switch process.origin {
        case .request where part == .unowned: nil
        case .directory where part == .unowned || part == .directory: nil
        case .owner(let owner) where part == .owner(owner): nil
        case .request: Failure(.nameInUse, "\(process.id) was started by a request")
        case .directory: Failure(.nameInUse, "\(process.id) is defined by a file of the host")
        case .owner(let owner): Failure(.nameInUse, "\(process.id) belongs to \(owner)")
        }
    }

    /// Why it may not start a process of this spec; nil if it may.
    func objection(to spec: ProcessSpec) -> Failure? {
        guard spec.invocation.isAgent, part != .directory, part != .owner(.cluster) else { return nil }
        return Failure(.notAllowed, "nodes and VMs belong to the owner \(Owner.cluster)")
    }
}
