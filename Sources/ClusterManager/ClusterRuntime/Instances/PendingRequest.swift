import JSONCodec
import MQTTTransport
import Model
import Wire

/// An unanswered request, saved so that pm-cluster can answer it after a restart.
struct PendingRequest {
    enum Purpose: String { case create, reset, remove, run }

    let purpose: Purpose
    let message: Message
    /// Distinguishes requests for the same instance; unique until pm-cluster ends, and not saved.
    var number = 0

    /// The member of the instance's file; nil if the payload is not UTF-8.
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

    /// The payload; of one larger than `Limits.smallRequest` bytes, only the members that an answer needs.
    private var essence: [UInt8] {
        let payload = message.payload
        guard payload.count > Limits.smallRequest else { return payload }
        let json = try? JSON.parse(padded: payload.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
        return JSON.object((json?.members ?? []).filter { Self.essentials.contains($0.key) }).printed()
    }

    private static let essentials: Set<String> = ["method", "id", "reply_to"]
}

extension PendingRequest {
    /// Nil if the file was edited and the entry is invalid.
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
