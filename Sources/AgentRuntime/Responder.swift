import MQTTTransport
import Model
import Wire

/// Sends answers where they belong: always to the retained default topic, and to whoever asked for a copy.
struct Responder {
    let host: HostName
    let session: Session

    /// - Parameter qos: the request's.
    func send(_ answer: Answer, to header: RequestHeader, qos: Int32) {
        let standard = Topic.response(host).description
        var properties = MessageProperties(contentType: answer.contentType.rawValue)
        publish(answer, on: standard, qos: qos, isRetained: true, properties)
        properties.correlationData = header.correlationData
        if let copy = copyTopic(header), copy != standard {
            publish(answer, on: copy, qos: qos, isRetained: false, properties)
        }
    }

    private func copyTopic(_ header: RequestHeader) -> String? {
        if let replyTo = header.replyTo { return replyTo.description }
        // Only what goes through the hub names its host so; the hub marks what names a node.
        return header.hostName == nil ? nil : Topic.hub(.response).description
    }

    private func publish(
        _ answer: Answer, on topic: String, qos: Int32, isRetained: Bool, _ properties: MessageProperties
    ) {
        let message = Message(
            topic: topic, payload: answer.payload, qos: qos, isRetained: isRetained, properties: properties)
        session.publish(message, whenOffline: .keep)
    }
}
