import CMosquittoPlugin
import Glibc
import Wire

extension IncomingMessage {
    /// Where its answer is to be sent, as far as it says so. Both of its ways to say so count: which of them is taken is for
    /// whoever answers. What nobody would answer to is left out.
    var replyTopics: [ReplyTopic] {
        // Most requests are not looked through: the key is not in them, nor an escape that could spell it.
        let mayNameOne = contains("reply_to") || contains("\\u")
        return [responseTopic.flatMap { try? ReplyTopic($0) }, mayNameOne ? ReplyTopic.named(in: payload.span) : nil]
            .compactMap(\.self)
    }

    private func contains(_ text: StaticString) -> Bool {
        guard let start = payload.baseAddress else { return false }
        return memmem(start, payload.count, text.utf8Start, text.utf8CodeUnitCount) != nil
    }
}
