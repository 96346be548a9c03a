package import MQTTTransport
import Model

extension Session {
    /// Starts the session of a daemon, which notes in its log what happens to its connection to `broker`. An outage is
    /// noted once, not at each attempt to connect.
    ///
    /// - Parameters:
    ///   - notice: is told of messages that are too large for the broker.
    ///   - rights: is told of messages that the broker refuses.
    ///   - disconnected: called when the connection was lost, and after each failed attempt.
    package func startLogging(
        _ broker: BrokerAddress, _ notice: PacketLimitNotice, _ rights: MissingRights, connected: @escaping () -> Void,
        message: @escaping (Message) -> Void,
        disconnected: @escaping () -> Void = {}
    ) {
        var lastOutage: String?
        start(
            Handlers(
                connected: {
                    Log.note("connected to \(broker)")
                    lastOutage = nil
                    rights.connected()
                    connected()
                }, message: message,
                disconnected: { failure in
                    let reason = failure.description
                    if reason != lastOutage { Log.note("not connected to \(broker): \(reason)", .warning) }
                    lastOutage = reason
                    disconnected()
                },
                refused: {
                    rights.refused($0.topic, $1)
                    for reason in rights.reasons { Log.note(reason, .warning) }
                },
                tooLarge: { notice.note($0.topic, $0.payload.count, limit: $1) },
                dropped: {
                    Log.note(
                        "\($0) messages for the broker are lost: they did not fit into its queue (max_queue)", .warning)
                }))
    }
}
