package import Wire

/// A message that the hub itself publishes: an answer, its status or the list of hosts.
package struct OutgoingMessage: Equatable {
    package let topic: String
    package let payload: [UInt8]
    package let qos: Int32
    package let isRetained: Bool
    package let contentType: ContentType?
    package let correlationData: [UInt8]?

    /// A retained message about the hub and its hosts; without a payload, it clears the topic.
    init(_ topic: Topic, retained payload: [UInt8]) {
        self.topic = topic.description
        self.payload = payload
        (qos, isRetained) = (1, true)
        (contentType, correlationData) = (nil, nil)
    }

    /// An answer of the hub.
    ///
    /// - Parameters:
    ///   - qos: that of the request.
    ///   - isPrivate: whether it goes to the requester's reply topic if there is one.
    init(to header: RequestHeader, _ response: ([UInt8], ContentType), qos: Int32, isPrivate: Bool = true) {
        topic = (isPrivate ? header.replyTo?.description : nil) ?? Topic.hub(.response).description
        (payload, contentType) = response
        self.qos = qos
        isRetained = false
        correlationData = header.correlationData
    }
}
