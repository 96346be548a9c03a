package import JSONCodec
package import Model

extension HostInfo {
    package var json: JSON {
        var members = Members()
        members.add("host", .string(host.description))
        members.add("version", .string(version))
        members.add("protocol", .number(protocolVersion))
        members.add("generation", generation.map { .string($0) })
        members.add("drivers", .object(drivers.map { .init($0.name, $0.json) }))
        members.add("labels", Label.json(labels))
        members.add("limits", .object(limits.map { .init($0.name, $0.json) }))
        members.add("os", system?.os.map { .string($0) })
        members.add("kernel", system.map { .string($0.kernel) })
        members.add("arch", system.map { .string($0.arch) })
        members.add("cpus", system.map { .number($0.cpus) })
        members.add("memory_total", system.map { .number($0.memory) })
        return members.json
    }
}

extension DriverReport {
    /// `{"available":true}`, or `{"available":false,"reason":"…"}`; with `"pending":true` while the driver is being
    /// tried.
    fileprivate var json: JSON {
        var members = Members()
        members.add("available", .bool(reason == nil))
        members.add("reason", reason.map { .string($0) })
        if isPending { members.add("pending", true) }
        members.add("note", note.map { .string($0) })
        members.add("parked", prestarted.map { .number($0) })
        return members.json
    }
}

extension LimitReport {
    /// `{"by":"cgroup"}`, or `{"reason":"…"}` if the limit has no effect.
    fileprivate var json: JSON {
        var members = Members()
        members.add("by", mechanism.map { .string($0) })
        members.add("reason", reason.map { .string($0) })
        return members.json
    }
}
