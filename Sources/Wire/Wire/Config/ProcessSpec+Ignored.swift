package import JSONCodec
package import Model

extension ProcessSpec {
    /// The fields of a config, of all drivers (docs/protocol.md, "config").
    package static let fieldNames: Set<String> = [
        "name", "command", "path", "args", "driver", "memory_mb", "cpus", "generation", "labels", "env", "restart",
        "stop", "user", "group", "umask", "nice", "oom_score_adj", "new_privileges", "limits", "stdin", "log",
        "health_check", "ready", "depends_on", "schedule", "schedule_catch_up", "persist",
    ]

    /// The names of fields that are no fields of a config, and so are ignored.
    package static func ignoredFields(of config: JSON) -> [String] {
        config.members?.map(\.key).filter { !fieldNames.contains($0) } ?? []
    }

    /// The ignored fields of a request's config, or of its list of configs.
    static func ignoredFields(ofRequest request: JSON) -> [String] {
        guard let arguments = request["args"] else { return [] }
        let single = arguments["config"].map { ignoredFields(of: $0) } ?? []
        let listed = (arguments["processes"]?.array ?? []).enumerated().flatMap { index, config in
            ignoredFields(of: config).map { "processes[\(index)].\($0)" }
        }
        return single + listed
    }
}

extension RequestHeader {
    /// The member of an answer that lists the ignored fields; none if there are none.
    var ignoredMember: [JSON.Member] {
        ignoredFields.isEmpty ? [] : [.init("ignored", .array(ignoredFields.map { .string($0) }))]
    }
}
