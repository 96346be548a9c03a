import Model

extension ClusterCommand {
    /// The id of the instance that the command is about, for log lines.
    package var subject: String? {
        switch self {
        case .create(let request): request.id?.description
        case .remove(let removal): removal.id.description
        case .reset(_, let id), .run(let id, _): id.description
        case .adopt(let adoption): adoption.id.description
        case .getHealth, .list, .listOrphans, .confirm: nil
        }
    }

    /// Whether the command only ends something. Such requests are accepted even during a flood of other requests.
    package var isEnding: Bool {
        switch self {
        case .remove: true
        case .create, .reset, .run, .adopt, .confirm, .getHealth, .list, .listOrphans: false
        }
    }
}
