import Model
import Wire

/// The hub checks the right to publish for each topic on which an agent would answer.
enum ReplyFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        guard let answered = RequestHeader.parse(bytes.span, properties: MessageProperties()).0.replyTo else { return }
        let checked = ReplyTopic.named(in: bytes.span)
        try hold(answered == checked, "answers go to \(answered), \(checked?.description ?? "-") is checked")
        // The hub searches only payloads that contain one of these.
        let text = String(decoding: bytes, as: UTF8.self)
        try hold(text.contains("reply_to") || text.contains("\\u"), "\(answered) is not found by the hub")
    }
}
