import CMosquittoPlugin
import Glibc
import JSONCodec
import Model
import Wire

extension IncomingMessage {
    /// Where its answer is to be sent, as far as it says so. Both of its ways to say so count: which of them is taken is for
    /// whoever answers. What nobody would answer to is left out.
    var replyTopics: [ReplyTopic] {
        [responseTopic, replyTo].compactMap { text in text.flatMap { try? ReplyTopic($0) } }
    }

    /// `reply_to` of the payload. Most requests are not parsed for it: the key is not in them, nor an escape that could spell it.
    private var replyTo: String? {
        let payload = payload
        guard contains("reply_to") || contains("\\u") else { return nil }
        if payload.count <= Limits.payload,
            let range = TopLevelScan.string("reply_to", in: payload.span, nestingLimit: Limits.nesting)
        {
            return String(decoding: payload.extracting(range), as: UTF8.self)
        }
        return RequestHeader.parse(payload.span, properties: properties).0.replyTo?.description
    }

    private func contains(_ text: StaticString) -> Bool {
        guard let start = payload.baseAddress else { return false }
        return memmem(start, payload.count, text.utf8Start, text.utf8CodeUnitCount) != nil
    }
}
