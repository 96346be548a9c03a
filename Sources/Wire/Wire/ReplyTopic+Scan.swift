import JSONCodec
import Model

extension ReplyTopic {
    /// The `reply_to` that a request would be answered on, for the hub, which only has to know that one.
    ///
    /// A text that is no request may have one here, though nobody would answer there.
    package static func named(in payload: Span<UInt8>) -> ReplyTopic? {
        if payload.count <= Limits.payload,
            let range = TopLevelScan.string("reply_to", in: payload, nestingLimit: Limits.nesting)
        {
            let text = payload.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            return try? ReplyTopic(text)
        }
        return RequestHeader.parse(payload, properties: MessageProperties()).0.replyTo
    }
}
