/// The MQTT client ids that are known beforehand.
package enum ClientID {
    private static let agentPrefix = "pm-agent-"

    /// Of a host's agent: two under one name can't both carry out every request.
    package static func agent(of host: HostName) -> String { agentPrefix + host.description }

    /// Whose agent is called so; nil for every other client.
    package static func host(ofAgent id: String) -> HostName? {
        guard id.utf8.starts(with: agentPrefix.utf8) else { return nil }
        return HostName(String(id.dropFirst(agentPrefix.count)))
    }
}
