/// An MQTT message that a test sends or receives.
package struct Message: Equatable, Sendable, CustomStringConvertible {
    package var topic: String
    package var payload: [UInt8]
    package var qos: Int
    package var isRetained: Bool
    package var properties: Properties

    package init(
        _ topic: String, _ payload: [UInt8], qos: Int = 1, isRetained: Bool = false,
        properties: Properties = Properties()
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
        self.properties = properties
    }

    package init(_ topic: String, _ text: String, qos: Int = 1, isRetained: Bool = false) {
        self.init(topic, Array(text.utf8), qos: qos, isRetained: isRetained)
    }

    package var text: String { String(decoding: payload, as: UTF8.self) }

    package var description: String { "\(topic) (qos \(qos)\(isRetained ? ", retained" : "")): \(text.prefix(500))" }

    /// MQTT 5 properties.
    package struct Properties: Equatable, Sendable {
        package var contentType: String?
        package var responseTopic: String?
        package var correlationData: [UInt8]?
        /// Seconds.
        package var expiryInterval: UInt32?
        package var user: [[String]] = []

        package init(
            contentType: String? = nil, responseTopic: String? = nil, correlationData: [UInt8]? = nil,
            expiryInterval: UInt32? = nil, user: [[String]] = []
        ) {
            self.contentType = contentType
            self.responseTopic = responseTopic
            self.correlationData = correlationData
            self.expiryInterval = expiryInterval
            self.user = user
        }
    }
}
