import Model
import Wire

/// Wherever an agent would answer, the hub has looked whether the requester may publish there.
enum ReplyFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        guard let answered = RequestHeader.parse(bytes.span, properties: MessageProperties()).0.replyTo else { return }
        let checked = ReplyTopic.named(in: bytes.span)
        try hold(answered == checked, "answers go to \(answered), \(checked?.description ?? "-") is checked")
        // Without either of them the hub does not look.
        let text = String(decoding: bytes, as: UTF8.self)
        try hold(text.contains("reply_to") || text.contains("\\u"), "\(answered) is not looked for")
    }
}
