package import JSONCodec
package import Model

extension InstanceEntry {
    /// Members that don't apply are absent.
    package var json: JSON {
        var members = Members()
        members.add("\(kind.rawValue)_id", .string(id.description))
        members.add("host", host.map { .string($0.description) })
        members.add("state", .string(state.rawValue))
        members.add("stage", stage.map { .string($0.rawValue) })
        members.add("want", .string(want.rawValue))
        members.add("generation", .string(generation))
        // Unknown for some orphans.
        members.add("created_at", createdAt > 0 ? .number(createdAt) : nil)
        members.add("reason", reason.map { .string($0) })
        if !labels.isEmpty { members.add("labels", Label.json(labels)) }
        members.add("memory_mb", vm.map { .number($0.memory) })
        members.add("cpus", vm.map { .number($0.cpus) })
        members.add("process_id", process.map { .string($0.id.description) })
        members.add("pid", process?.pid.map { .number($0) })
        members.add("process_state", status.state.map { .string($0.rawValue) })
        members.add("exit_code", status.exitCode.map { .number($0) })
        return members.json
    }
}

extension InstanceProcessStatus {
    /// - Parameter entry: entry of the process as listed by an agent.
    package init(entry: JSON) {
        self.init(
            state: entry["state"]?.string.flatMap(ProcessState.init), exitCode: entry["exit_code"]?.integer)
    }
}

extension InstanceProcess {
    var members: [JSON.Member] {
        var members = Members()
        members.add("process_id", .string(id.description))
        members.add("pid", pid.map { .number($0) })
        return members.all
    }
}

extension ClusterHealth {
    var members: [JSON.Member] {
        let counts = InstanceState.allCases.map { JSON.Member($0.rawValue, .number(self.counts[$0] ?? 0)) }
        let total = JSON.Member("total", .number(self.counts.values.reduce(0, +)))
        return [
            .init("health", reasons.isEmpty ? "good" : "bad"),
            .init("reasons", .array(reasons.map { .string($0) })),
            .init("timestamp", .number(timestamp)),
            .init("interval", .number(interval)),
            .init("version", .string(version)),
            .init("\(kind.rawValue)s", .object(counts + [total])),
            .init("hosts", ["online": .number(hostsOnline), "available": .number(hostsAvailable)]),
        ]
    }

    package var json: JSON { .object(members) }
}
