import JSONCodec
import Model

extension ReplyTopic {
    /// The topic in `reply_to` on which a request would be answered; the hub needs no other part of the request.
    ///
    /// For a malformed request, the result may be a topic on which it would not be answered.
    package static func named(in payload: Span<UInt8>) -> ReplyTopic? {
        // Most payloads contain neither the key nor an escape that could spell it; they need not be scanned.
        guard payload.contains("reply_to") || payload.contains("\\u") else { return nil }
        if payload.count <= Limits.payload,
            let range = TopLevelScan.string("reply_to", in: payload, nestingLimit: Limits.nesting)
        {
            let text = payload.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            return try? ReplyTopic(text)
        }
        return RequestHeader.parse(payload, properties: MessageProperties()).0.replyTo
    }
}
