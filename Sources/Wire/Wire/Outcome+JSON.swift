import JSONCodec
import Model

extension Outcome {
    /// The members of `result` in the method dialect, except status and message.
    var members: [JSON.Member] {
        switch self {
        case .started(let id, let pid), .reset(let id, let pid): Self.members(id, pid)
        case .unchanged(let id, let pid): Self.members(id, pid) + [.init("unchanged", true)]
        case .updated(let id, let pid): Self.members(id, pid) + [.init("updated", true)]
        case .stopped, .running, .ended, .pids, .signaled, .removed, .unfollowed, .shuttingDown: []
        case .health(let health): health.members
        case .processes(let entries): [.init("process", .array(entries.map(\.json)))]
        case .process(let entry, let spec):
            [.init("process", .object(entry.members + [.init("config", spec.config)]))]
        case .log(let excerpt): excerpt.members
        case .following(let topics, let seconds, let history):
            [.init("topics", .array(topics.map { .string($0.description) })), .init("seconds", .number(seconds))]
                + (history?.members ?? [])
        case .applied(let difference): difference.members
        case .failed(let failure): [.init("error", failure.json)]
        }
    }
}

extension Outcome {
    private static func members(_ id: Name, _ pid: Int32?) -> [JSON.Member] {
        [.init("process_id", .string(id.description))] + (pid.map { [.init("pid", .number($0))] } ?? [])
    }
}

extension Failure {
    var json: JSON {
        let clock = clock.map { [JSON.Member("clock", .number($0))] } ?? []
        return .object([.init("code", .string(code.rawValue)), .init("detail", .string(detail))] + clock)
    }
}

extension ApplyResult {
    fileprivate var members: [JSON.Member] {
        var members = Members()
        members.add("started", Self.list(started))
        members.add("reset", Self.list(reset))
        members.add("updated", Self.list(updated))
        members.add("removed", Self.list(removed))
        members.add("unchanged", Self.list(unchanged))
        members.add(
            "failed",
            .array(failed.map { ["process_id": .string($0.id.description), "error": $0.failure.json] }))
        if isDryRun { members.add("dry_run", true) }
        return members.all
    }

    private static func list(_ names: [Name]) -> JSON { .array(names.map { .string($0.description) }) }
}
