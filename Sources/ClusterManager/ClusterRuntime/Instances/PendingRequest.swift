import JSONCodec
import MQTTTransport
import Model
import Wire

/// A request that waits for its answer, in a form that outlives pm-cluster.
struct PendingRequest {
    enum Purpose: String { case create, reset, remove, run }

    let purpose: Purpose
    let message: Message
    /// Tells one from others for the same purpose that are answered apart.
    var number = 0

    /// What goes into the file: of a large one, only what it takes to answer it.
    var json: JSON? {
        guard let text = String(validating: essence, as: UTF8.self) else { return nil }
        var members: [JSON.Member] = [
            .init("for", .string(purpose.rawValue)), .init("payload", .string(text)),
            .init("qos", .number(message.qos)),
        ]
        let properties = message.properties
        if let type = properties.contentType { members.append(.init("content_type", .string(type))) }
        if let topic = properties.responseTopic { members.append(.init("response_topic", .string(topic))) }
        if let data = properties.correlationData {
            members.append(.init("correlation", .array(data.map { .number($0) })))
        }
        return .object(members)
    }

    /// The request, without what makes it large.
    private var essence: [UInt8] {
        let payload = message.payload
        guard payload.count > Limits.smallRequest else { return payload }
        let json = try? JSON.parse(payload.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
        return JSON.object((json?.members ?? []).filter { Self.essentials.contains($0.key) }).printed()
    }

    private static let essentials: Set<String> = ["method", "id", "reply_to"]
}

extension PendingRequest {
    /// Nil when somebody has changed the file so that it is none.
    init?(_ json: JSON, topic: Topic) {
        guard let purpose = json["for"]?.string.flatMap(Purpose.init), let text = json["payload"]?.string else {
            return nil
        }
        let correlation = json["correlation"]?.array.map { $0.compactMap { $0.integer.flatMap(UInt8.init(exactly:)) } }
        self.init(
            purpose: purpose,
            message: Message(
                topic: topic.description, payload: Array(text.utf8), qos: json["qos"]?.integer == 0 ? 0 : 1,
                properties: MessageProperties(
                    contentType: json["content_type"]?.string, responseTopic: json["response_topic"]?.string,
                    correlationData: correlation)))
    }
}
