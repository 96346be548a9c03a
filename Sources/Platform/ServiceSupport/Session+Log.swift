package import MQTTTransport

extension Session {
    /// Starts the session of a daemon, which notes in its log what happens to its connection to `broker`. An outage is
    /// noted once, not at each attempt to connect.
    ///
    /// - Parameters:
    ///   - notice: is told of messages that are too large for the broker.
    ///   - disconnected: called when the connection was lost, and after each failed attempt.
    package func startLogging(
        _ broker: BrokerAddress, _ notice: PacketLimitNotice, connected: @escaping () -> Void,
        message: @escaping (Message) -> Void,
        disconnected: @escaping () -> Void = {}
    ) {
        var lastOutage: String?
        start(
            Handlers(
                connected: {
                    Log.note("connected to \(broker)")
                    lastOutage = nil
                    connected()
                }, message: message,
                disconnected: { failure in
                    let reason = failure.description
                    if reason != lastOutage { Log.note("not connected to \(broker): \(reason)") }
                    lastOutage = reason
                    disconnected()
                },
                refused: {
                    Log.note("the broker refuses what goes to \($0.topic): \($1); see its ACL")
                },
                tooLarge: { notice.note($0.topic, $0.payload.count, limit: $1) },
                dropped: {
                    Log.note("\($0) messages for the broker are lost: they did not fit into its queue (max_queue)")
                }))
    }
}
