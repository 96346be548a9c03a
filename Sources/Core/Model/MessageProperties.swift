/// The MQTT 5 properties that a request or a response carries; all absent in MQTT 3.1.1.
package struct MessageProperties: Equatable, Sendable {
    package var contentType: String?
    package var responseTopic: String?
    package var correlationData: [UInt8]?
    /// Seconds left of the message's life when it was delivered (MQTT 5 section 3.3.2.3.3).
    package var expiryInterval: UInt32?

    package var user = UserProperties()

    /// Whom the hub says it came from; nil without a hub that does.
    package var requester: Requester?

    package init(
        contentType: String? = nil, responseTopic: String? = nil, correlationData: [UInt8]? = nil,
        expiryInterval: UInt32? = nil
    ) {
        self.contentType = contentType
        self.responseTopic = responseTopic
        self.correlationData = correlationData
        self.expiryInterval = expiryInterval
    }
}
