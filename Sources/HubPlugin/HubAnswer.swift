import Wire

/// An answer that the hub gives itself.
struct HubAnswer {
    private let topic: String
    private let payload: [UInt8]
    private let contentType: ContentType
    private let correlationData: [UInt8]?

    init(_ header: RequestHeader, _ response: ([UInt8], ContentType)) {
        topic = header.replyTo?.description ?? Topic.hub(.response).description
        (payload, contentType) = response
        correlationData = header.correlationData
    }

    func publish(qos: Int32) {
        Publisher.publish(topic, payload, qos: qos, contentType: contentType, correlationData: correlationData)
    }
}
