import MQTTTransport
import Model
import Wire

/// Sends each answer to the retained default topic, and a copy to the topic that the request names.
struct Responder<Service: ControlService> {
    private let service: Service
    private let standard: String
    private let publisher: any Publisher

    /// - Parameter topic: the default topic of answers.
    init(_ service: Service, topic: Topic, publisher: any Publisher) {
        self.service = service
        standard = topic.description
        self.publisher = publisher
    }

    /// Whether so many answers wait for the broker that large ones should not be added.
    var isCongested: Bool { publisher.isCongested }

    /// - Parameter original: the first request, if the answered one is its duplicate.
    func answer(_ outcome: Service.Outcome, to context: ReplyContext, as original: RequestHeader? = nil) {
        let (payload, contentType) = service.encode(outcome, to: original ?? context.header)
        let copy = context.header.replyTo?.description ?? service.copyTopic(for: context.header)
        var message = Message(
            topic: standard, payload: payload, qos: context.qos, isRetained: true,
            properties: MessageProperties(contentType: contentType.rawValue))
        if copy == standard { message.properties.correlationData = context.header.correlationData }
        let shortened = shortening(outcome, for: original ?? context.header)
        publisher.publish(message, whenOffline: .keep, orElse: shortened)
        guard let copy, copy != standard else { return }
        message.topic = copy
        message.isRetained = false
        message.properties.correlationData = context.header.correlationData
        publisher.publish(message, whenOffline: .keep, orElse: shortened)
    }

    /// A shorter answer: without the quotation of the request, or a failure that says that there is none.
    private func shortening(_ outcome: Service.Outcome, for header: RequestHeader) -> Session.Shortening {
        { [service] limit in
            let payload = service.encode(outcome, to: header.withoutEcho).0
            if payload.count <= limit { return payload }
            let detail =
                "the answer has \(payload.count) bytes, and the broker takes \(limit)"
                + (outcome.failure == nil ? "; the request was carried out" : "")
            let failure = Failure(outcome.failure?.code ?? .noCapacity, detail)
            return service.encode(.failed(failure), to: header.withoutEcho).0
        }
    }
}
