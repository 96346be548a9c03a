package import Model

/// A topic, chosen by a requester, to which an answer may be sent.
///
/// The rules keep a requester from making an agent or the hub publish where its message would have another meaning: no
/// wildcards, no `$…` topics of the broker, and under `pm/` only `pm/reply/…` and topics that end in `/response`.
package struct ReplyTopic: Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ text: String) throws(Failure) {
        guard !text.isEmpty, text.utf8.count <= Limits.replyTopic else {
            throw Failure(.invalidArgument, "reply topic must be 1 to \(Limits.replyTopic) bytes long")
        }
        guard !text.unicodeScalars.contains(where: Self.isForbidden) else {
            throw Failure(.invalidArgument, "reply topic must hold no wildcard and no control character")
        }
        guard text.utf8.count(where: { $0 == UInt8(ascii: "/") }) <= Limits.replyTopicSlashes else {
            throw Failure(.invalidArgument, "reply topic must hold at most \(Limits.replyTopicSlashes) slashes")
        }
        // By bytes: as a Swift character, "$" with a combining accent is not "$".
        guard text.utf8.first != UInt8(ascii: "$") else {
            throw Failure(.invalidArgument, "reply topic must not start with $")
        }
        let isOurs = text == "pm" || text.utf8.starts(with: "pm/".utf8)
        guard !isOurs || text.utf8.starts(with: "pm/reply/".utf8) || text.hasSuffix("/response") else {
            throw Failure(.invalidArgument, "reply topic under pm/ must be pm/reply/… or end in /response")
        }
        description = text
    }

    /// Wildcards, and characters for which a receiver may close the connection (MQTT 5 section 1.5.4).
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0xFDD0...0xFDEF: true
        case let value where value & 0xFFFE == 0xFFFE: true
        default: scalar == "+" || scalar == "#"
        }
    }
}
