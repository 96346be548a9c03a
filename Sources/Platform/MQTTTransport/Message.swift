package import Model

/// An MQTT message, outgoing or incoming.
package struct Message: Equatable, Sendable {
    package var topic: String
    package var payload: [UInt8]
    /// 0 or 1.
    package var qos: Int32
    /// Outgoing: the broker shall retain it. Incoming: the broker had retained it.
    package var isRetained: Bool
    package var properties: MessageProperties

    package init(
        topic: String, payload: [UInt8], qos: Int32 = 0, isRetained: Bool = false,
        properties: MessageProperties = MessageProperties()
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
        self.properties = properties
    }

    /// The bytes of a PUBLISH packet with this message, at most (MQTT 5 section 3.3).
    var packetSize: Int {
        let texts = [topic, properties.responseTopic, properties.contentType].reduce(0) { $0 + ($1?.utf8.count ?? 0) }
        return payload.count + texts + (properties.correlationData?.count ?? 0) + properties.user.bytes
            + Limits.packetOverhead
    }
}
