import Wire

/// An answer that the hub itself sends.
struct HubAnswer {
    private let topic: String
    private let payload: [UInt8]
    private let contentType: ContentType
    private let correlationData: [UInt8]?

    /// - Parameter isPrivate: whether it goes to the requester's reply topic if there is one.
    init(_ header: RequestHeader, _ response: ([UInt8], ContentType), isPrivate: Bool = true) {
        topic = (isPrivate ? header.replyTo?.description : nil) ?? Topic.hub(.response).description
        (payload, contentType) = response
        correlationData = header.correlationData
    }

    func publish(qos: Int32) {
        Publisher.publish(topic, payload, qos: qos, contentType: contentType, correlationData: correlationData)
    }
}
