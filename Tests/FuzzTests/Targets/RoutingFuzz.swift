import JSONCodec
import Model
import Routing
import Wire

/// The hub's registry after any sequence of events, compared with a simple model of which hosts are online; then a
/// request.
enum RoutingFuzz {
    private static let capacity = 5
    private static let hosts = ["a", "K", "web.1", "b", "c", "d", "e", "f"].compactMap { HostName($0) }

    static func check(_ bytes: [UInt8]) throws(Violation) {
        var input = ByteReader(bytes)
        var registry = HostRegistry(capacity: capacity)
        // The connections of each online host, the latest last.
        var online: [HostName: [UInt8]] = [:]
        for time in 0..<Int(input.byte()) % 40 {
            try step(&registry, &online, &input, Double(time))
            try compare(registry, online)
        }
        try route(Array(input.rest), registry, online)
    }

    private static func step(
        _ registry: inout HostRegistry, _ online: inout [HostName: [UInt8]], _ input: inout ByteReader, _ time: Double
    ) throws(Violation) {
        let what = input.byte()
        let number = input.byte() % 6
        let host = hosts[Int(what >> 3) % hosts.count]
        let connection = ConnectionKey(UInt(number))
        let before = Set(online.keys)
        let change: PresenceChange
        switch what & 7 {
        case 0, 1, 2:
            change = registry.online(host, through: connection, at: time)
            let isRefused = online[host] == nil && online.count >= capacity
            try hold((change == .refused) == isRefused, "\(host) has a wrong refusal: \(!isRefused)")
            if !isRefused {
                let owners = (online[host] ?? []).filter { $0 != number } + [number]
                online[host] = owners.suffix(Limits.hostConnections)
            }
        case 3:
            change = registry.offline(host, at: time)
            online[host] = nil
        case 4: change = registry.clear(host)
        case 5: change = registry.heard(host, through: connection, at: time)
        default:
            change = registry.disconnected(connection)
            online = online.mapValues { $0.filter { $0 != number } }.filter { !$0.value.isEmpty }
        }
        try hold(before == Set(online.keys) || change == .hosts, "a change is not reported: \(change)")
    }

    private static func compare(_ registry: HostRegistry, _ online: [HostName: [UInt8]]) throws(Violation) {
        let listed = registry.hosts
        try hold(listed.count <= capacity, "\(listed.count) hosts are remembered")
        try hold(Set(listed.filter(\.isOnline).map(\.host)) == Set(online.keys), "\(listed), but \(online)")
        for host in hosts {
            let isRouted = (try? registry.route(host.description)) == host
            try hold(isRouted == (online[host] != nil), "\(host) has a wrong route: \(isRouted)")
        }
    }

    /// Any request with any spelling of the name is routed to a host that is online and has exactly that name.
    private static func route(
        _ payload: [UInt8], _ registry: HostRegistry, _ online: [HostName: [UInt8]]
    ) throws(Violation) {
        let found = TopLevelScan.string("host_name", or: "node_id", in: payload.span, nestingLimit: Limits.nesting)
        let header = RequestHeader.parse(payload.span, properties: MessageProperties()).0
        var names = [header.hostName, header.nodeID].compactMap(\.self)
        switch found {
        case .first(let range), .second(let range): names.append(String(decoding: payload[range], as: UTF8.self))
        case nil: break
        }
        for name in names {
            guard let host = try? registry.route(name) else { continue }
            try hold(online[host] != nil, "\(host) is offline")
            try hold(host.description.utf8.elementsEqual(name.utf8), "\(name) goes to \(host)")
        }
        let (answer, _) = Response.encode(hosts: registry.hosts, to: header)
        try hold(JSON.read(answer) != nil, "the list of hosts is not JSON")
        try hold(JSON.read(registry.hosts.hostsPayload) != nil, "the retained list of hosts is not JSON")
    }
}
