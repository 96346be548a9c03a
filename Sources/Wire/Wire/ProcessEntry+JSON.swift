package import JSONCodec
package import Model

extension ProcessEntry {
    /// Members that don't apply are absent.
    package var json: JSON { .object(members) }

    /// The printed JSON in at most `limit` bytes, with `command` and `error` cut as far as necessary; nil if that is not
    /// enough.
    package func printed(atMost limit: Int) -> [UInt8]? {
        var entry = self
        while true {
            let bytes = entry.json.printed()
            if bytes.count <= limit { return bytes }
            let (command, error) = (entry.command.halved, entry.error?.halved)
            if command == entry.command, error == entry.error { return nil }
            (entry.command, entry.error) = (command, error)
        }
    }

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
        add("owner", owner.map { .string($0.description) })
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
        add("usage", usage?.json)
        add("error", error.map { .string($0) })
        return members
    }
}

extension String {
    /// Its first half and an ellipsis; a text of few characters as it is.
    fileprivate var halved: String { count > 8 ? "\(prefix(count / 2))…" : self }
}
