import JSONCodec
import LinuxSystem
import Model

extension HostReport {
    /// The fields of the health topic, with `host`, `status`, `stale` and, if its clock is wrong, `clock_skew` added.
    func json(at now: Instant) -> JSON {
        var members: [JSON.Member] = [.init("host", .string(name.description))]
        if let isOnline { members.append(.init("status", isOnline ? "online" : "offline")) }
        if health != nil { members.append(.init("stale", .bool(isStale(at: now)))) }
        if let clockSkew { members.append(.init("clock_skew", .number(clockSkew.rounded()))) }
        return JSON.object(members).merging(health?.json)
    }
}

extension ProcessReport {
    /// The entry as the agent sent it, with `host`, `online` and, if it is, `stale` added.
    func json(of host: HostName, isOnline: Bool, isStale: Bool = false) -> JSON {
        let stale: [JSON.Member] = isStale ? [.init("stale", true)] : []
        return JSON.object([.init("host", .string(host.description)), .init("online", .bool(isOnline))] + stale)
            .merging(json)
    }
}

extension Change {
    var json: JSON {
        let host: JSON = ["host": .string(host.description)]
        return switch kind {
        case .status(let isOnline): host.merging(["status": isOnline ? "online" : "offline"])
        case .health(let health): host.merging(health.json)
        case .stale: host.merging(["stale": true])
        case .process(_, let process): host.merging(process.json)
        case .forgotten(let id): host.merging(["process_id": .string(id.description), "forgotten": true])
        }
    }
}

extension JSON {
    /// The members of this object, followed by the members of `other` that this object lacks.
    fileprivate func merging(_ other: JSON?) -> JSON {
        let own = members ?? []
        return .object(own + (other?.members ?? []).filter { self[$0.key] == nil })
    }
}
