package import JSONCodec
package import Model

extension AgentEvent {
    /// The message on `pm/<host>/event`. Members that don't apply are absent.
    ///
    /// - Parameter timestamp: seconds since the epoch.
    package func json(of host: HostName, timestamp: Double) -> JSON {
        var members = Members()
        members.add("host", .string("\(host)"))
        members.add("timestamp", .number(timestamp))
        members.add("level", .string(level.name))
        members.add("event", .string(kind.rawValue))
        members.add("message", .string(message))
        members.add("process_id", process.map { .string("\($0)") })
        members.add("pid", pid.map { .number($0) })
        members.add("exit_code", exit.map { .number($0.exitCode) })
        members.add("signal", exit?.signal.map { .number($0) })
        members.add("uptime", uptime.map { .number($0) })
        members.add("delay", delay.map { .number($0) })
        members.add("health", reasons.map { .string($0.isEmpty ? "good" : "bad") })
        members.add("reasons", reasons.map { .array($0.map { .string($0) }) })
        members.add("code", code.map { .string($0.rawValue) })
        members.add("requester", requester.map { .string($0) })
        return members.json
    }
}
