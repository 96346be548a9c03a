import Model

extension ClusterCommand {
    /// What it is about, for people.
    package var subject: String? {
        switch self {
        case .create(let request): request.id?.description
        case .remove(let removal): removal.id.description
        case .reset(_, let id), .run(let id, _): id.description
        case .adopt(let adoption): adoption.id.description
        case .getHealth, .list, .listOrphans, .confirm: nil
        }
    }

    /// Whether it only ends something: in a flood of other requests, it still gets through.
    package var isEnding: Bool {
        switch self {
        case .remove: true
        case .create, .reset, .run, .adopt, .confirm, .getHealth, .list, .listOrphans: false
        }
    }
}
