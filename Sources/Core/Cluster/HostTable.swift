package import Model

/// What the bus says of every host: which are there, and what they can do.
///
/// Times are seconds of any clock that does not jump. A stranger who may publish can't fill the memory: at most
/// ``Limits/hubHosts`` hosts.
package struct HostTable: Sendable {
    package struct Host: Equatable, Sendable {
        package internal(set) var presence = Presence.unknown
        package internal(set) var facts: HostFacts?
        package internal(set) var load: HostLoad?
        /// What it said on its status topic last.
        var saysOnline = false
        /// Whether it has said anything there.
        var hasStatus = false
        /// When it will have been silent, or unknown, for too long.
        var deadline: Double

        /// Not so after the late word of one that is gone.
        package var isKnown: Bool { hasStatus || facts != nil }
    }

    package enum Presence: Sendable {
        /// Nothing has been heard since the broker was there again.
        case unknown
        // swift-format-ignore: AlwaysUseLowerCamelCase
        case online, offline
    }

    private var hosts: [HostName: Host] = [:]

    package init() {}

    package subscript(host: HostName) -> Host? { hosts[host] }

    /// Offline is also a host of which nothing is known; one that may still speak up is expected (``expect(_:at:)``).
    package func presence(of host: HostName) -> Presence { hosts[host]?.presence ?? .offline }

    /// Gives a host of which nothing is known the time to say something; ``takeSilent(at:)`` returns it otherwise.
    package mutating func expect(_ host: HostName, at now: Double) {
        if hosts[host] == nil { update(host, at: now) { _ in } }
    }

    package var all: [(name: HostName, host: Host)] {
        hosts.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    /// Those that are online, and no nodes or VMs.
    package var onlineCount: Int { hosts.values.count { $0.presence == .online && $0.facts?.generation == nil } }

    /// Seconds that a host that is online may be silent.
    private static func patience(_ load: HostLoad?) -> Double {
        (load?.interval ?? Limits.healthInterval) * Limits.staleIntervals
    }

    /// - Parameter isOnline: nil when the topic was cleared.
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

    /// - Parameter facts: nil when the topic was cleared.
    package mutating func facts(_ host: HostName, _ facts: HostFacts?, at now: Double) {
        // One whose topics are cleared is not there again with the last of them.
        guard facts != nil || hosts[host] != nil else { return }
        update(host, at: now) { $0.facts = facts }
    }

    /// A heartbeat. A host that was silent for too long is there again with it.
    package mutating func load(_ host: HostName, _ load: HostLoad, isRetained: Bool, at now: Double) {
        update(host, at: now) { record in
            record.load = load
            if !isRetained, record.saysOnline { record.presence = .online }
            // What the broker had kept does not prolong the wait for a word of its own.
            if record.presence == .online { record.deadline = now + Self.patience(load) }
        }
    }

    /// The broker is there again: nobody knows who still is.
    package mutating func forgetPresence(at now: Double) {
        for host in hosts.keys {
            hosts[host]?.presence = .unknown
            hosts[host]?.saysOnline = false
            // What is retained is said anew; of one whose topics were cleared meanwhile, nothing is.
            hosts[host]?.hasStatus = false
            hosts[host]?.deadline = now + Limits.unknownHost
        }
    }

    /// - Returns: the hosts that are taken for offline from now on, because they have been silent for too long.
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
