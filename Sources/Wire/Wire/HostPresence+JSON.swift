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
        ]
    }
}

extension Sequence<HostPresence> {
    /// The payload of `pm/hub/hosts`.
    package var hostsPayload: [UInt8] { JSON.object([.init("nodes", .array(map(\.json)))]).printed() }
}
