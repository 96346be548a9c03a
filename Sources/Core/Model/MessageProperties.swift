/// The MQTT 5 properties of a request or an answer; all absent in MQTT 3.1.1.
package struct MessageProperties: Equatable, Sendable {
    package var contentType: String?
    package var responseTopic: String?
    package var correlationData: [UInt8]?
    /// Remaining seconds of the message's lifetime at delivery (MQTT 5 section 3.3.2.3.3).
    package var expiryInterval: UInt32?

    package var user = UserProperties()

    /// The client that sent the message according to the hub; nil without a hub that adds it.
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
