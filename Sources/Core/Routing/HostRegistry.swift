package import Model

/// The hosts that the hub knows, and through which connection each is online.
///
/// A broker's plugin sees no connects and no wills, so presence is what agents say on `pm/<host>/status`, and until
/// when a connection lasts that said `online`. A bridge's connection speaks for many hosts. And several may speak for one:
/// a stranger who says `online` and goes does not take the host along.
///
/// Times are seconds since the epoch. At most ``Limits/hubHosts`` hosts: a new one replaces those that have been
/// silent longest, but none that is online.
package struct HostRegistry: Hashable, Sendable {
    private struct Record: Hashable {
        let host: HostName
        /// The connections that said `online`, the latest last; empty when it is offline.
        var owners: [ConnectionKey]
        var lastActive: Double
    }

    /// By the host's name as text, so that a request's host is found without checking its name first.
    private var records: [String: Record] = [:]
    /// The hosts that are online through each connection; never an empty set.
    private var owned: [ConnectionKey: Set<HostName>] = [:]
    private var onlineCount = 0
    private let capacity: Int

    package init(capacity: Int = Limits.hubHosts) { self.capacity = capacity }

    /// `online` on the host's status topic.
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

    /// `offline` on the host's status topic, whoever says it: an agent that is still there objects.
    package mutating func offline(_ host: HostName, at time: Double) -> PresenceChange {
        guard let record = self[host], !record.owners.isEmpty else { return .none }
        self[host] = Record(host: host, owners: [], lastActive: time)
        for owner in record.owners { disown(host, owner) }
        onlineCount -= 1
        return .hosts
    }

    /// The host's retained status was cleared: it is forgotten, unless it is online.
    package mutating func clear(_ host: HostName) -> PresenceChange {
        guard let record = self[host], record.owners.isEmpty else { return .none }
        self[host] = nil
        return .hosts
    }

    /// Any other message on one of the host's topics; it is a sign of life when its own connection sent it.
    package mutating func heard(_ host: HostName, through connection: ConnectionKey, at time: Double) -> PresenceChange
    {
        guard let record = self[host], record.owners.contains(connection) else { return .none }
        self[host] = Record(host: host, owners: record.owners, lastActive: time)
        return .activity
    }

    /// The connection has ended: whoever is online through it alone no longer is.
    package mutating func disconnected(_ connection: ConnectionKey) -> PresenceChange {
        guard let hosts = owned.removeValue(forKey: connection) else { return .none }
        let before = onlineCount
        for host in hosts {
            self[host]?.owners.removeAll { $0 == connection }
            if self[host]?.owners.isEmpty == true { onlineCount -= 1 }
        }
        return onlineCount < before ? .hosts : .none
    }

    /// Where a request goes whose `host_name` or `node_id` is `text`.
    package func route(_ text: String) throws(Failure) -> HostName {
        // Equal strings need not be the same: the Kelvin sign is canonically a K. It is longer, as all such are.
        guard let record = records[text], record.host.description.utf8.count == text.utf8.count else {
            throw HostName(text) == nil
                ? Failure(.invalidArgument, "invalid host_name") : Failure(.unknownHost, "unknown host")
        }
        guard !record.owners.isEmpty else { throw Failure(.hostOffline, "host offline") }
        return record.host
    }

    /// All hosts, by name.
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

    /// Forgets the tenth of the hosts that has been offline longest, so that the search for them is rare.
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
