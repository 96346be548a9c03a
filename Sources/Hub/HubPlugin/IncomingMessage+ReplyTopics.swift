import Wire

extension IncomingMessage {
    /// The topics on which the message may be answered: the MQTT 5 Response Topic and `reply_to`. Both are checked,
    /// because the recipient decides which one it uses. Invalid topics are omitted: no daemon answers on them.
    var replyTopics: [ReplyTopic] {
        [responseTopic.flatMap { try? ReplyTopic($0) }, ReplyTopic.named(in: payload.span)].compactMap(\.self)
    }
}
