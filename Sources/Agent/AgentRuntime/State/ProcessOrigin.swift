import JSONCodec
import Model

/// Where the spec of a process came from. A process from `processes_dir` is removed with its file.
enum ProcessOrigin: Equatable {
    case directory
    case request
    /// A request on behalf of an owner.
    case owner(Owner)

    /// The origin of a requested process. Nodes and VMs belong to pm-cluster, whichever client starts them.
    static func request(for spec: ProcessSpec) -> ProcessOrigin {
        spec.invocation.isAgent ? .owner(.cluster) : .request
    }

    var owner: Owner? {
        if case .owner(let owner) = self { owner } else { nil }
    }
}

extension ProcessOrigin {
    var members: [JSON.Member] {
        let member = JSON.Member("origin", self == .directory ? "directory" : "request")
        return [member] + (owner.map { [.init("owner", .string($0.description))] } ?? [])
    }

    /// - Parameter spec: agents before 0.3 stored no owner.
    init(_ json: JSON, of spec: ProcessSpec) {
        if json["origin"]?.string == "directory" {
            self = .directory
        } else if let owner = json["owner"]?.string.flatMap(Owner.init) {
            self = .owner(owner)
        } else {
            self = .request(for: spec)
        }
    }
}
