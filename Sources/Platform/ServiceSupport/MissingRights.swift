import Model

/// A topic on which the broker refuses what the daemon publishes, as a health reason. Brokers of MQTT 3.1.1 don't tell.
package final class MissingRights {
    private var reason: String?

    package init() {}

    package var reasons: [String] { reason.map { [$0] } ?? [] }

    package func connected() { reason = nil }

    package func refused(_ topic: String, _ cause: String) {
        reason = "the broker refuses what goes to \(topic): \(cause); see its ACL"
    }
}
