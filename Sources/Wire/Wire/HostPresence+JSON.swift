import JSONCodec
import Model

extension HostPresence {
    /// An entry of `pm/hub/hosts`. `node_name` and `service_name` are BlueZero's terms for a process manager and its
    /// socket.
    var json: JSON {
        [
            "host_name": .string(host.description),
            "node_name": .string("pm/\(host)"),
            "service_name": .string(Topic.control(host).description),
            "last_active": .number(lastActive),
            "online": .bool(isOnline),
            "stale": .bool(isStale),
        ]
    }

    /// The payload of `pm/hub/host/<host>`.
    package var payload: [UInt8] {
        let json: JSON = [
            "host_name": .string(host.description), "online": .bool(isOnline), "stale": .bool(isStale),
            "conflict": .bool(isInConflict), "last_active": .number(lastActive), "labels": Label.json(labels),
        ]
        return json.printed()
    }
}

extension [HostPresence] {
    /// The payload of `pm/hub/hosts`, with ``Limits/listedHosts`` hosts at most.
    package var hostsPayload: [UInt8] {
        let listed = prefix(Limits.listedHosts).map(\.json)
        let members = [JSON.Member("nodes", .array(listed))]
        return JSON.object(members + (count > listed.count ? [.init("truncated", true)] : [])).printed()
    }
}
