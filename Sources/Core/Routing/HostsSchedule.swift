import Model

/// Decides when the hub publishes `pm/hub/hosts`: soon after hosts came or went, rarely for activity, never without a
/// change.
///
/// Times are seconds of a monotonic clock.
package struct HostsSchedule: Sendable {
    private var lastPublished: Double?
    private var hasChanges = true
    private var hasActivity = false

    /// The first publication is due at once: it replaces a retained list of an earlier broker process.
    package init() {}

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
    package mutating func take(at time: Double) -> Bool {
        guard isDue(at: time) else { return false }
        lastPublished = time
        hasChanges = false
        hasActivity = false
        return true
    }

    private func isDue(at time: Double) -> Bool {
        guard isPending else { return false }
        guard let lastPublished else { return true }
        return time - lastPublished >= (hasChanges ? Limits.hostsInterval : Limits.hostsRefresh)
    }
}
