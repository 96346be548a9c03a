/// The MQTT client ids of pmqtt's daemons.
///
/// A broker ends a connection when another client connects with the same id. Therefore the hub keeps each of these
/// ids for clients that may publish the status of the corresponding host or service.
package enum ClientID {
    private static let prefix = "pm-"
    private static let agentPrefix = "agent-"

    /// What a client with a reserved id represents.
    package enum Part: Equatable, Sendable {
        /// A host, represented by its agent.
        case host(HostName)
        /// A service of the fleet: `pm-cluster-…` belongs to `cluster`.
        case service(Name)
        /// The id is reserved, but no daemon uses it.
        case unknown
    }

    /// Client id of a host's agent. The fixed id prevents two agents with one host name from both carrying out every
    /// request.
    package static func agent(of host: HostName) -> String { prefix + agentPrefix + host.description }

    /// Client id of one run of pm-cluster. It is random: with a fixed id, two instances would disconnect each other
    /// forever.
    package static func cluster() -> String { "\(prefix)cluster-" + RandomText.make() }

    /// What a client with this id represents; nil for an id that is not reserved.
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
