package import JSONCodec
package import Model

extension HostFacts {
    /// Decodes `pm/<host>/info`. Missing and additional members, from other versions of the agent, are tolerated.
    package init(_ json: JSON) {
        let drivers = (json["drivers"]?.members ?? []).map { member in
            let isAvailable = member.value["available"]?.bool == true
            return DriverReport(
                name: member.key, reason: isAvailable ? nil : member.value["reason"]?.string ?? "not available",
                isPending: !isAvailable && member.value["pending"]?.bool == true)
        }
        self.init(drivers: drivers, generation: json["generation"]?.string)
    }
}

extension HostLoad {
    /// Decodes `pm/<host>/health`.
    package init(_ json: JSON) {
        // All values are bounded, so that results computed from them are finite.
        let interval = min(max(json["interval"]?.number ?? Limits.healthInterval, 0.1), Limits.longestWait)
        self.init(
            load: min(max(json["load"]?.array?.first?.number ?? 0, 0), 1e6), cpus: max(1, json["cpus"]?.integer ?? 1),
            memoryAvailable: json["memory_available"]?.integer, memoryTotal: json["memory_total"]?.integer,
            interval: interval,
            session: json["session"]?.string, sequence: json["seq"]?.number ?? 0)
    }
}
