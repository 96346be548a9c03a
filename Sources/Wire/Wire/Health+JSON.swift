package import JSONCodec
package import Model

extension Health {
    /// The members of the health message, which are also those of the answer to `get_health`.
    var members: [JSON.Member] {
        [
            .init("host", .string(host.description)),
            .init("health", isGood ? "good" : "bad"),
            .init("reasons", .array(reasons.map { .string($0) })),
            .init("timestamp", .number(timestamp)),
            .init("interval", .number(interval)),
            .init("seq", .number(sequence)),
            .init("session", .string(session)),
            .init("uptime", .number(uptime)),
            .init("version", .string(version)),
            .init("load", .array(system.load.map { .number($0) })),
            .init("cpus", .number(system.cpus)),
            .init("memory_total", .number(system.memoryTotal)),
            .init("memory_available", .number(system.memoryAvailable)),
            .init(
                "processes",
                [
                    "running": .number(processes.running), "failed": .number(processes.failed),
                    "total": .number(processes.total),
                ]),
            .init("agent", ["rss": .number(agent.residentMemory), "cpu_seconds": .number(agent.cpuSeconds)]),
        ]
    }

    package var json: JSON { .object(members) }
}
