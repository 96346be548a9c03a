import JSONCodec
import Model

/// When hosts with nodes or VMs went offline. It is saved, so that a restart of pm-cluster does not restart the time
/// until a host is given up.
struct OfflineSince {
    /// Seconds since the epoch.
    private(set) var since: [HostName: Double] = [:]

    init() {}

    init(_ json: JSON) {
        for member in json.members ?? [] {
            if let host = HostName(member.key), let time = member.value.number { since[host] = time }
        }
    }

    var json: JSON {
        .object(since.sorted { $0.key < $1.key }.map { .init($0.key.description, .number($0.value)) })
    }

    /// - Returns: whether the host was not recorded as offline before.
    mutating func begin(_ host: HostName, at now: Double) -> Bool {
        guard since[host] == nil else { return false }
        since[host] = now
        return true
    }

    /// Moves the start of the absence to `time` if the host was heard after it began, as while pm-cluster was stopped.
    mutating func note(_ host: HostName, heardAt time: Double) {
        if let began = since[host], time > began { since[host] = time }
    }

    /// - Returns: whether the host was recorded as offline.
    mutating func end(_ host: HostName) -> Bool { since.removeValue(forKey: host) != nil }

    /// Seconds until the host is given up: at least `Limits.hostReturn` of `patience`, and never more than `patience`,
    /// even if the clock was set back.
    func rest(of host: HostName, patience: Double, at now: Double) -> Double {
        let passed = max(0, now - (since[host] ?? now))
        return max(patience - passed, patience * Limits.hostReturn)
    }
}
