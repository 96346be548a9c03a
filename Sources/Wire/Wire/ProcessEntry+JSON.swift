package import JSONCodec
package import Model

extension ProcessEntry {
    /// Members that don't apply are absent.
    package var json: JSON { .object(members) }

    var members: [JSON.Member] {
        var members: [JSON.Member] = [
            .init("process_id", .string(id.description)),
            .init("name", .string(id.description)),
            .init("driver", .string(driver)),
            .init("state", .string(state.rawValue)),
            .init("want", .string(want.rawValue)),
            .init("command", .string(command)),
            .init("restarts", .number(restarts)),
        ]
        func add(_ key: String, _ value: JSON?) {
            if let value { members.append(.init(key, value)) }
        }
        add("runs", runs.map { .number($0) })
        add("pid", pid.map { .number($0) })
        add("started_at", startedAt.map { .number($0) })
        add("exited_at", exitedAt.map { .number($0) })
        add("exit_code", exit.map { .number($0.exitCode) })
        add("signal", exit?.signal.map { .number($0) })
        add("uptime", uptime.map { .number($0) })
        add("healthy", healthy.map { .bool($0) })
        add("next_start", nextStart.map { .number($0) })
        if !waitsFor.isEmpty { add("waits_for", .array(waitsFor.map { .string($0.description) })) }
        add("left_behind", leftBehind?.json)
        add("memory_mb", vm.map { .number($0.memory) })
        add("cpus", vm.map { .number($0.cpus) })
        add("error", error.map { .string($0) })
        return members
    }
}
