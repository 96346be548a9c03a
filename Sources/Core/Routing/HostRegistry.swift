package import Model

/// The hosts that the hub knows, and the connections through which each is online.
///
/// A plugin sees neither connects nor wills. The hub therefore derives presence from the messages on `pm/<host>/status`
/// and from the end of the connections that sent `online`. A bridge's connection announces many hosts, and several
/// connections may announce one host: if another client sends `online` and disconnects, the host stays online.
///
/// Times are seconds since the epoch. At most ``Limits/hubHosts`` hosts are kept: a new one replaces those that have
/// been offline longest.
package struct HostRegistry: Hashable, Sendable {
    private struct Record: Hashable {
        let host: HostName
        /// The connections that sent `online`, the latest last; empty when the host is offline.
        var owners: [ConnectionKey]
        var lastActive: Double
    }

    /// By host name as text, so that a request's host is found without parsing its name.
    private var records: [String: Record] = [:]
    /// The hosts that are online through each connection; no set is empty.
    private var owned: [ConnectionKey: Set<HostName>] = [:]
    private var onlineCount = 0
    private let capacity: Int

    package init(capacity: Int = Limits.hubHosts) { self.capacity = capacity }

    /// Handles `online` on the host's status topic.
    package mutating func online(_ host: HostName, through connection: ConnectionKey, at time: Double) -> PresenceChange
    {
        let known = self[host]
        if known == nil, !makeRoom() { return .refused }
        var owners = known?.owners ?? []
        let isNews = owners.isEmpty
        if isNews { onlineCount += 1 }
        owners.removeAll { $0 == connection }
        if owners.count == Limits.hostConnections { disown(host, owners.removeFirst()) }
        self[host] = Record(host: host, owners: owners + [connection], lastActive: time)
        owned[connection, default: []].insert(host)
        return isNews ? .hosts : .activity
    }

    /// Handles `offline` on the host's status topic from any connection: an agent that still runs publishes `online`
    /// again.
    package mutating func offline(_ host: HostName, at time: Double) -> PresenceChange {
        guard let record = self[host], !record.owners.isEmpty else { return .none }
        self[host] = Record(host: host, owners: [], lastActive: time)
        for owner in record.owners { disown(host, owner) }
        onlineCount -= 1
        return .hosts
    }

    /// Handles the clearing of a host's retained status: the host is forgotten unless it is online.
    package mutating func clear(_ host: HostName) -> PresenceChange {
        guard let record = self[host], record.owners.isEmpty else { return .none }
        self[host] = nil
        return .hosts
    }

    /// Handles any other message on one of the host's topics. It counts as activity if the host is online through its
    /// connection.
    package mutating func heard(_ host: HostName, through connection: ConnectionKey, at time: Double) -> PresenceChange
    {
        guard let record = self[host], record.owners.contains(connection) else { return .none }
        self[host] = Record(host: host, owners: record.owners, lastActive: time)
        return .activity
    }

    /// Handles the end of a connection: hosts that were online only through it are offline now.
    package mutating func disconnected(_ connection: ConnectionKey) -> PresenceChange {
        guard let hosts = owned.removeValue(forKey: connection) else { return .none }
        let before = onlineCount
        for host in hosts {
            self[host]?.owners.removeAll { $0 == connection }
            if self[host]?.owners.isEmpty == true { onlineCount -= 1 }
        }
        return onlineCount < before ? .hosts : .none
    }

    /// The host that a request with this `host_name` or `node_id` is routed to.
    ///
    /// - Throws: invalid_argument, unknown_host or host_offline.
    package func route(_ text: String) throws(Failure) -> HostName {
        // Swift strings can be equal without the same bytes: the Kelvin sign is canonically a K. The lengths then
        // differ.
        guard let record = records[text], record.host.description.utf8.count == text.utf8.count else {
            throw HostName(text) == nil
                ? Failure(.invalidArgument, "invalid host_name") : Failure(.unknownHost, "unknown host")
        }
        guard !record.owners.isEmpty else { throw Failure(.hostOffline, "host offline") }
        return record.host
    }

    /// All hosts, sorted by name.
    package var hosts: [HostPresence] {
        records.values
            .map { HostPresence(host: $0.host, isOnline: !$0.owners.isEmpty, lastActive: $0.lastActive) }
            .sorted { $0.host < $1.host }
    }

    private subscript(host: HostName) -> Record? {
        get { records[host.description] }
        set { records[host.description] = newValue }
    }

    private mutating func disown(_ host: HostName, _ owner: ConnectionKey) {
        guard var hosts = owned.removeValue(forKey: owner) else { return }
        hosts.remove(host)
        if !hosts.isEmpty { owned[owner] = hosts }
    }

    /// If necessary, forgets the tenth of the hosts that has been offline longest, so that this search is rare.
    ///
    /// - Returns: whether there is room for a new host.
    private mutating func makeRoom() -> Bool {
        guard records.count >= capacity else { return true }
        guard onlineCount < capacity else { return false }
        let offline = records.filter { $0.value.owners.isEmpty }.sorted { $0.value.lastActive < $1.value.lastActive }
        for entry in offline.prefix(max(1, capacity / 10)) { records[entry.key] = nil }
        return true
    }
}
