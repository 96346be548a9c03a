import JSONCodec
import Model

/// Since when hosts are away that nodes or VMs run on: a pm-cluster that is started anew does not count anew.
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

    /// - Returns: whether that is new.
    mutating func begin(_ host: HostName, at now: Double) -> Bool {
        guard since[host] == nil else { return false }
        since[host] = now
        return true
    }

    /// It has been there meanwhile, when nobody looked.
    mutating func note(_ host: HostName, heardAt time: Double) {
        if let began = since[host], time > began { since[host] = time }
    }

    /// - Returns: whether it was away.
    mutating func end(_ host: HostName) -> Bool { since.removeValue(forKey: host) != nil }

    /// Seconds until it is given up, whatever has become of the clock.
    func rest(of host: HostName, patience: Double, at now: Double) -> Double {
        let passed = max(0, now - (since[host] ?? now))
        return max(patience - passed, patience * Limits.hostReturn)
    }
}
