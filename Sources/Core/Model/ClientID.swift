/// The MQTT client ids of pmqtt's daemons.
///
/// A broker ends a connection when another one takes its id, so each of these is reserved for clients that may publish the status
/// of the part that is called so.
package enum ClientID {
    private static let prefix = "pm-"
    private static let agentPrefix = "agent-"

    /// What the client of a reserved id speaks for.
    package enum Part: Equatable, Sendable {
        /// A host, by its agent.
        case host(HostName)
        /// A service of the fleet: `pm-cluster-…` is of `cluster`.
        case service(Name)
        /// None there is: no daemon has such an id.
        case unknown
    }

    /// Of a host's agent: two under one name can't both carry out every request.
    package static func agent(of host: HostName) -> String { prefix + agentPrefix + host.description }

    /// Of one run of pm-cluster: two under one id would take the connection from each other without end.
    package static func cluster() -> String { "\(prefix)cluster-" + RandomText.make() }

    /// What a client of this id speaks for; nil for an id that is not reserved.
    package static func part(of id: String) -> Part? {
        guard id.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = id.utf8.dropFirst(prefix.utf8.count)
        if rest.starts(with: agentPrefix.utf8) {
            return HostName(String(decoding: rest.dropFirst(agentPrefix.utf8.count), as: UTF8.self)).map(Part.host)
                ?? .unknown
        }
        return Name(String(decoding: rest.prefix { $0 != UInt8(ascii: "-") }, as: UTF8.self)).map(Part.service)
            ?? .unknown
    }
}
