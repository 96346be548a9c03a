import Model

/// When `pm/hub/hosts` is published: soon after hosts came or went, seldom for signs of life, never without a reason.
///
/// Times are seconds of any clock that does not jump.
package struct HostsSchedule: Sendable {
    private var lastPublished: Double?
    private var hasChanges = true
    private var hasActivity = false

    /// The first publication is due at once: it replaces what an earlier broker may have retained.
    package init() {}

    package mutating func note(_ change: PresenceChange) {
        switch change {
        case .none, .refused: break
        case .activity: hasActivity = true
        case .hosts: hasChanges = true
        }
    }

    /// Whether there is anything to publish, now or later.
    package var isPending: Bool { hasChanges || hasActivity }

    /// Whether it is due; then the caller publishes it now.
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
