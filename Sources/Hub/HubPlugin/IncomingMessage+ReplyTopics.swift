import CMosquittoPlugin
import Glibc
import Wire

extension IncomingMessage {
    /// The topics on which the message may be answered: the MQTT 5 Response Topic and `reply_to`. Both are checked,
    /// because the recipient decides which one it uses. Invalid topics are omitted: no daemon answers on them.
    var replyTopics: [ReplyTopic] {
        // Most payloads contain neither the key nor an escape that could spell it; they need not be scanned.
        let mayNameOne = contains("reply_to") || contains("\\u")
        return [responseTopic.flatMap { try? ReplyTopic($0) }, mayNameOne ? ReplyTopic.named(in: payload.span) : nil]
            .compactMap(\.self)
    }

    private func contains(_ text: StaticString) -> Bool {
        guard let start = payload.baseAddress else { return false }
        return memmem(start, payload.count, text.utf8Start, text.utf8CodeUnitCount) != nil
    }
}
