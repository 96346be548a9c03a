package import Model

/// What is known of each host from its topics: presence, drivers and load.
///
/// A host is online if its status says so and its heartbeats arrive in time. Times are seconds of a monotonic clock.
/// The table holds at most ``Limits/hubHosts`` hosts, so that clients with forged topics can't fill the memory.
package struct HostTable: Sendable {
    package struct Host: Equatable, Sendable {
        package internal(set) var presence = Presence.unknown
        package internal(set) var facts: HostFacts?
        package internal(set) var load: HostLoad?
        /// The agents that publish under its name.
        fileprivate var sessions = HostSessions()
        /// Whether two agents have its name: then a request may reach either of them, or both.
        package var isInConflict: Bool { sessions.isInConflict }
        /// Whether the last message on its status topic was `online`.
        var saysOnline = false
        /// Whether there was a message on its status topic since the last connect.
        var hasStatus = false
        /// When it counts as offline unless it publishes before.
        var deadline: Double

        /// False if only a late heartbeat of a removed host has arrived.
        package var isKnown: Bool { hasStatus || facts != nil }
    }

    package enum Presence: Sendable {
        /// It has not published since the last connect.
        case unknown
        // swift-format-ignore: AlwaysUseLowerCamelCase
        case online, offline
    }

    private var hosts: [HostName: Host] = [:]

    package init() {}

    package subscript(host: HostName) -> Host? { hosts[host] }

    /// A host that is not in the table is offline. See ``expect(_:at:)`` for a host that may still publish.
    package func presence(of host: HostName) -> Presence { hosts[host]?.presence ?? .offline }

    /// Adds an unknown host, which has ``Limits/unknownHost`` seconds to publish before ``takeSilent(at:)`` returns it.
    package mutating func expect(_ host: HostName, at now: Double) {
        if hosts[host] == nil { update(host, at: now) { _ in } }
    }

    package var all: [(name: HostName, host: Host)] {
        hosts.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    /// The number of hosts that are online and are not nodes or VMs.
    package var onlineCount: Int { hosts.values.count { $0.presence == .online && $0.facts?.generation == nil } }

    /// Seconds without a heartbeat after which an online host counts as offline.
    private static func patience(_ load: HostLoad?) -> Double {
        (load?.interval ?? Limits.healthInterval) * Limits.staleIntervals
    }

    /// - Parameter isOnline: nil if the topic was cleared.
    package mutating func status(_ host: HostName, isOnline: Bool?, at now: Double) {
        guard let isOnline else {
            hosts[host] = nil
            return
        }
        update(host, at: now) { record in
            record.saysOnline = isOnline
            record.hasStatus = true
            record.presence = isOnline ? .online : .offline
            record.deadline = now + Self.patience(record.load)
        }
    }

    /// - Parameter facts: nil if the topic was cleared.
    package mutating func facts(_ host: HostName, _ facts: HostFacts?, at now: Double) {
        // When all topics of a host are cleared, this one must not add the host again.
        guard facts != nil || hosts[host] != nil else { return }
        update(host, at: now) { $0.facts = facts }
    }

    /// Takes a heartbeat, which brings a silent host back online.
    package mutating func load(_ host: HostName, _ load: HostLoad, isRetained: Bool, at now: Double) {
        update(host, at: now) { record in
            record.load = load
            if !isRetained, let session = load.session {
                record.sessions.heard(session, sequence: load.sequence, at: now)
                record.sessions.look(at: now)
            }
            if !isRetained, record.saysOnline { record.presence = .online }
            // A retained heartbeat does not prolong the deadline of an unknown host.
            if record.presence == .online { record.deadline = now + Self.patience(load) }
        }
    }

    /// Called after a reconnect: all hosts are unknown until they or the broker publish their status.
    package mutating func forgetPresence(at now: Double) {
        for host in hosts.keys {
            hosts[host]?.presence = .unknown
            hosts[host]?.saysOnline = false
            // The broker sends the status again unless it was cleared during the outage.
            hosts[host]?.hasStatus = false
            hosts[host]?.deadline = now + Limits.unknownHost
        }
    }

    /// - Returns: the hosts that count as offline from now on because their deadline has passed.
    package mutating func takeSilent(at now: Double) -> [HostName] {
        let silent = hosts.filter { $0.value.presence != .offline && $0.value.deadline <= now }.keys.sorted()
        for host in silent {
            if hosts[host]?.isKnown == true { hosts[host]?.presence = .offline } else { hosts[host] = nil }
        }
        return silent
    }

    private mutating func update(_ host: HostName, at now: Double, _ change: (inout Host) -> Void) {
        guard hosts[host] != nil || hosts.count < Limits.hubHosts else { return }
        change(&hosts[host, default: Host(deadline: now + Limits.unknownHost)])
    }
}
