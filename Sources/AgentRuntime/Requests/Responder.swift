import MQTTTransport
import Model
import Wire

/// Sends answers where they belong: always to the retained default topic, and to whoever asked for a copy.
struct Responder {
    let host: HostName
    let session: Session

    /// Whether so many answers wait for the broker that large ones had better not be added.
    var isCongested: Bool { session.isCongested }

    /// - Parameter original: the request of which the asker's is a duplicate.
    func answer(_ outcome: Outcome, to asker: Asker, as original: RequestHeader? = nil) {
        let (payload, contentType) = Response.encode(outcome, to: original ?? asker.header)
        let standard = Topic.response(host).description
        let copy = copyTopic(asker.header)
        var message = Message(
            topic: standard, payload: payload, qos: asker.qos, isRetained: true,
            properties: MessageProperties(contentType: contentType.rawValue))
        if copy == standard { message.properties.correlationData = asker.header.correlationData }
        session.publish(message, whenOffline: .keep)
        guard let copy, copy != standard else { return }
        message.topic = copy
        message.isRetained = false
        message.properties.correlationData = asker.header.correlationData
        session.publish(message, whenOffline: .keep)
    }

    private func copyTopic(_ header: RequestHeader) -> String? {
        if let replyTo = header.replyTo { return replyTo.description }
        // Only what goes through the hub names its host so; the hub marks what names a node.
        return header.hostName == nil ? nil : Topic.hub(.response).description
    }
}
