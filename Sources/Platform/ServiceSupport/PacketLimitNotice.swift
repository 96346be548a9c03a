import LinuxSystem
import Model

/// A broker takes smaller packets than a daemon had to send: what its log and health say of that, once for each limit.
package final class PacketLimitNotice {
    private var limit: Int?
    private var reason: (text: String, since: Instant)?

    package init() {}

    /// A message was too large, and was shortened or dropped.
    func note(_ topic: String, _ size: Int, limit: Int) {
        guard limit != self.limit else { return }
        self.limit = limit
        let text = "the broker takes no packet of more than \(limit) bytes, and \(topic) needed \(size)"
        reason = (text, .now)
        Log.note("\(text): it is shortened or left out", .warning)
    }

    /// One reason, for a minute.
    package var reasons: [String] {
        guard let reason, (Instant.now - reason.since).inSeconds < Limits.packetLimitShown else { return [] }
        return [reason.text]
    }
}
