package import MQTTTransport
import Model
package import Wire

/// Sends answers where they belong: always to the retained default topic, and to whoever asked for a copy.
package struct Responder<Outcome: ControlOutcome> {
    private let standard: String
    private let session: Session
    private let encode: (Outcome, RequestHeader) -> ([UInt8], ContentType)
    private let copyTopic: (RequestHeader) -> String?

    /// - Parameters:
    ///   - topic: the default.
    ///   - encode: makes the text of an answer and its content type.
    ///   - copyTopic: where a copy goes when the requester names no topic.
    package init(
        topic: Topic, session: Session, encode: @escaping (Outcome, RequestHeader) -> ([UInt8], ContentType),
        copyTopic: @escaping (RequestHeader) -> String? = { _ in nil }
    ) {
        standard = topic.description
        self.session = session
        self.encode = encode
        self.copyTopic = copyTopic
    }

    /// Whether so many answers wait for the broker that large ones had better not be added.
    var isCongested: Bool { session.isCongested }

    /// - Parameter original: the request of which the asker's is a duplicate.
    func answer(_ outcome: Outcome, to context: ReplyContext, as original: RequestHeader? = nil) {
        let (payload, contentType) = encode(outcome, original ?? context.header)
        let copy = context.header.replyTo?.description ?? copyTopic(context.header)
        var message = Message(
            topic: standard, payload: payload, qos: context.qos, isRetained: true,
            properties: MessageProperties(contentType: contentType.rawValue))
        if copy == standard { message.properties.correlationData = context.header.correlationData }
        session.publish(message, whenOffline: .keep)
        guard let copy, copy != standard else { return }
        message.topic = copy
        message.isRetained = false
        message.properties.correlationData = context.header.correlationData
        session.publish(message, whenOffline: .keep)
    }
}
