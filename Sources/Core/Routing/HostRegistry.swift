package import Model

/// The hosts that the hub knows, and the connections through which each is online.
///
/// A plugin sees neither connects nor wills. The hub therefore derives presence from the messages on `pm/<host>/status`
/// and from the end of the connections that sent `online`. A bridge's connection announces many hosts, and several
/// connections may announce one host: if another client sends `online` and disconnects, the host stays online.
///
/// An online host whose health messages stop is stale. Whether two agents have its name, ``HostSessions`` tells. No
/// request is routed to either.
///
/// Times are seconds since the epoch, steady times those of a monotonic clock. At most ``Limits/hubHosts`` hosts are
/// kept: a new one replaces those that have been offline longest.
package struct HostRegistry: Hashable, Sendable {
    private struct Record: Hashable {
        let host: HostName
        /// The connections that sent `online`, the latest last; empty when the host is offline.
        var owners: [ConnectionKey] = []
        var lastActive: Double
        /// The steady time at which the host becomes stale; nil until its first health message.
        var staleAt: Double?
        var isStale = false
        var sessions = HostSessions()
        var labels: [Label] = []

        var presence: HostPresence {
            HostPresence(
                host: host, isOnline: !owners.isEmpty, lastActive: lastActive, isStale: isStale,
                isInConflict: sessions.isInConflict, labels: labels)
        }
    }

    /// By host name as text, so that a request's host is found without parsing its name.
    private var records: [String: Record] = [:]
    /// The hosts that are online through each connection; no set is empty.
    private var owned: [ConnectionKey: Set<HostName>] = [:]
    private var onlineCount = 0
    /// The hosts whose presence has changed since ``takeChanged(atMost:)`` returned them.
    private var changed: Set<HostName> = []
    private let capacity: Int

    package init(capacity: Int = Limits.hubHosts) { self.capacity = capacity }

    /// Handles `online` on the host's status topic.
    package mutating func online(_ host: HostName, through connection: ConnectionKey, at time: Double) -> PresenceChange
    {
        if self[host] == nil, !makeRoom() { return .refused }
        var record = self[host] ?? Record(host: host, lastActive: time)
        let isNews = record.owners.isEmpty || record.isStale
        if record.owners.isEmpty { onlineCount += 1 }
        record.owners.removeAll { $0 == connection }
        if record.owners.count == Limits.hostConnections { disown(host, record.owners.removeFirst()) }
        record.owners.append(connection)
        record.lastActive = time
        // Another agent may have another interval, or send no health.
        (record.staleAt, record.isStale) = (nil, false)
        self[host] = record
        owned[connection, default: []].insert(host)
        if isNews { changed.insert(host) }
        return isNews ? .hosts : .activity
    }

    /// Handles `offline` on the host's status topic from any connection: an agent that still runs publishes `online`
    /// again.
    package mutating func offline(_ host: HostName, at time: Double) -> PresenceChange {
        guard var record = self[host], !record.owners.isEmpty else { return .none }
        for owner in record.owners { disown(host, owner) }
        record.owners = []
        record.lastActive = time
        (record.staleAt, record.isStale) = (nil, false)
        self[host] = record
        onlineCount -= 1
        changed.insert(host)
        return .hosts
    }

    /// Adds a host that was known to an earlier broker process, as offline.
    package mutating func remember(_ host: HostName, lastActive: Double) {
        guard self[host] == nil, makeRoom() else { return }
        self[host] = Record(host: host, lastActive: lastActive)
    }

    /// Handles the clearing of a host's retained status: the host is forgotten unless it is online.
    package mutating func clear(_ host: HostName) -> PresenceChange {
        guard let record = self[host], record.owners.isEmpty else { return .none }
        self[host] = nil
        changed.insert(host)
        return .hosts
    }

    /// Handles a health message. It counts if the host is online through its connection.
    package mutating func heard(
        _ health: HealthMark, of host: HostName, through connection: ConnectionKey, at time: Double, steady: Double
    ) -> PresenceChange {
        guard var record = self[host], record.owners.contains(connection) else { return .none }
        let before = record.presence
        record.lastActive = time
        record.staleAt = steady + health.interval * Limits.staleIntervals
        record.isStale = false
        if let session = health.session { record.sessions.heard(session, sequence: health.sequence, at: steady) }
        self[host] = record
        return note(record.presence, before)
    }

    /// Handles an info message with the host's labels. It counts if the host is online through its connection.
    package mutating func labelled(
        _ host: HostName, _ labels: [Label], through connection: ConnectionKey, at time: Double
    ) -> PresenceChange {
        guard let record = self[host], record.owners.contains(connection) else { return .none }
        self[host]?.lastActive = time
        guard labels != record.labels else { return .activity }
        self[host]?.labels = labels
        changed.insert(host)
        return .activity
    }

    /// Finds the hosts that have become stale, and conflicts that are over.
    package mutating func look(atSteady steady: Double) -> PresenceChange {
        var change = PresenceChange.none
        for (name, record) in records where !record.owners.isEmpty {
            let isStale = record.staleAt.map { $0 <= steady } ?? false
            guard isStale != record.isStale || record.sessions.isInConflict else { continue }
            var record = record
            let before = record.presence
            record.isStale = isStale
            record.sessions.look(at: steady)
            records[name] = record
            if note(record.presence, before) == .hosts { change = .hosts }
        }
        return change
    }

    private mutating func note(_ present: HostPresence, _ before: HostPresence) -> PresenceChange {
        guard present.isStale != before.isStale || present.isInConflict != before.isInConflict else { return .activity }
        changed.insert(present.host)
        return .hosts
    }

    /// Removes and returns hosts whose presence has changed; without a presence, a host is forgotten.
    package mutating func takeChanged(atMost limit: Int) -> [(host: HostName, presence: HostPresence?)] {
        let taken = changed.prefix(limit).map { ($0, self[$0]?.presence) }
        for (host, _) in taken { changed.remove(host) }
        return taken
    }

    /// Whether ``takeChanged(atMost:)`` would return any.
    package var hasChanged: Bool { !changed.isEmpty }

    /// Handles any other message on one of the host's topics. It counts as activity if the host is online through its
    /// connection.
    package mutating func heard(_ host: HostName, through connection: ConnectionKey, at time: Double) -> PresenceChange
    {
        guard self[host]?.owners.contains(connection) == true else { return .none }
        self[host]?.lastActive = time
        return .activity
    }

    /// Handles the end of a connection: hosts that were online only through it are offline now.
    package mutating func disconnected(_ connection: ConnectionKey) -> PresenceChange {
        guard let hosts = owned.removeValue(forKey: connection) else { return .none }
        let before = onlineCount
        for host in hosts {
            self[host]?.owners.removeAll { $0 == connection }
            guard self[host]?.owners.isEmpty == true else { continue }
            onlineCount -= 1
            self[host]?.staleAt = nil
            self[host]?.isStale = false
            changed.insert(host)
        }
        return onlineCount < before ? .hosts : .none
    }

    /// The host that a request with this `host_name` or `node_id` is routed to.
    ///
    /// - Throws: invalid_argument, unknown_host, host_offline or host_conflict.
    package func route(_ text: String) throws(Failure) -> HostName {
        // Swift strings can be equal without the same bytes: the Kelvin sign is canonically a K. The lengths then
        // differ.
        guard let record = records[text], record.host.description.utf8.count == text.utf8.count else {
            throw HostName(text) == nil
                ? Failure(.invalidArgument, "invalid host_name") : Failure(.unknownHost, "unknown host")
        }
        guard !record.owners.isEmpty else { throw Failure(.hostOffline, "host offline") }
        guard !record.isStale else {
            throw Failure(.hostOffline, "host offline: its agent is connected and silent", words: "host offline")
        }
        guard !record.sessions.isInConflict else {
            throw Failure(.hostConflict, "two agents have the name \(record.host)", words: "host conflict")
        }
        return record.host
    }

    package var count: Int { records.count }

    /// All hosts, sorted by name.
    package var hosts: [HostPresence] {
        records.values
            .map(\.presence)
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
        for entry in offline.prefix(max(1, capacity / 10)) {
            records[entry.key] = nil
            changed.insert(entry.value.host)
        }
        return true
    }
}
