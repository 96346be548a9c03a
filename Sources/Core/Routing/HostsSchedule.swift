import Model

/// Decides when the hub publishes `pm/hub/hosts`: soon after hosts came or went, rarely for activity, never without a
/// change, and the less often the longer the list is.
///
/// Times are seconds of a monotonic clock.
package struct HostsSchedule: Sendable {
    private let start: Double
    private var lastPublished: Double?
    private var hasChanges: Bool
    private var hasActivity = false

    /// - Parameter knowsHosts: whether there are hosts to publish. They get ``Limits/hostsReturn`` seconds to come back
    ///   first. Without, the list of an earlier broker process stays until the first change: it is better than none.
    package init(knowsHosts: Bool, at time: Double) {
        start = knowsHosts ? time + Limits.hostsReturn : time
        hasChanges = knowsHosts
    }

    package mutating func note(_ change: PresenceChange) {
        switch change {
        case .none, .refused: break
        case .activity: hasActivity = true
        case .hosts: hasChanges = true
        }
    }

    /// Whether there is a change to publish, now or later.
    package var isPending: Bool { hasChanges || hasActivity }

    /// Whether a publication is due. If so, it counts as done.
    ///
    /// - Parameter hosts: the length of the list.
    package mutating func take(at time: Double, hosts: Int) -> Bool {
        guard isDue(at: time, hosts) else { return false }
        lastPublished = time
        hasChanges = false
        hasActivity = false
        return true
    }

    private func isDue(at time: Double, _ hosts: Int) -> Bool {
        guard isPending, time >= start else { return false }
        guard let lastPublished else { return true }
        let interval = max(Limits.hostsInterval, Double(hosts) * Limits.hostsIntervalOfHost)
        return time - lastPublished >= (hasChanges ? interval : max(interval, Limits.hostsRefresh))
    }
}
