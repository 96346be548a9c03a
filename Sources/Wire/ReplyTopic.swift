package import Model

/// A topic that a response may be sent to because a requester named it.
///
/// Nobody gets an agent or the hub to speak where it would be taken for something else: no wildcard, nothing of the
/// broker's own (`$…`), and under `pm/` only `pm/reply/…` or a topic that ends in `/response`.
package struct ReplyTopic: Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ text: String) throws(Failure) {
        guard !text.isEmpty, text.utf8.count <= Limits.replyTopic else {
            throw Failure(.invalidArgument, "reply topic must be 1 to \(Limits.replyTopic) bytes long")
        }
        guard !text.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") || $0 < 0x20 }) else {
            throw Failure(.invalidArgument, "reply topic must hold no wildcard and no control character")
        }
        // Byte by byte: a Swift string does not begin with "$" when an accent follows it.
        guard text.utf8.first != UInt8(ascii: "$") else {
            throw Failure(.invalidArgument, "reply topic must not start with $")
        }
        let isOurs = text == "pm" || text.utf8.starts(with: "pm/".utf8)
        guard !isOurs || text.utf8.starts(with: "pm/reply/".utf8) || text.hasSuffix("/response") else {
            throw Failure(.invalidArgument, "reply topic under pm/ must be pm/reply/… or end in /response")
        }
        description = text
    }
}
